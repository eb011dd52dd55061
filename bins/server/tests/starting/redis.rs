//! Redis, and what is not Redis: sending goes on without it.

use crate::{
    impostors::{Impostor, WEB_PAGE},
    looks::sends_without_redis,
    row::{Row, Then::Runs},
    scene::Scene,
};
use dispatcher_testkit::TestRedis;

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "Redis does not run",
        set: || Box::pin(async { Ok(on("redis://127.0.0.1:1").await) }),
        then: Runs(sends_without_redis),
        says: &[DOWN, "no connection to Redis…refused"],
        mend: "Start it; it is used again by itself. Sending needs none.",
    },
    Row {
        what: "A web server listens where Redis should",
        set: || Box::pin(async { Ok(posing(Impostor::answering(WEB_PAGE).await).await) }),
        then: Runs(sends_without_redis),
        says: &[DOWN, "what answers is not Redis: check host and port"],
        mend: "Correct host and port in `REDIS_URL`, or `REDIS_HOST` and `REDIS_PORT`.",
    },
    Row {
        what: "Something listens there and says nothing",
        set: || {
            Box::pin(async {
                let mut scene = posing(Impostor::silent().await).await;
                scene.set("REDIS_TIMEOUT", "1s");
                Ok(scene)
            })
        },
        then: Runs(sends_without_redis),
        says: &[DOWN, "no connection to Redis: …timed out"],
        mend: "Look whether it hangs, or a firewall drops what is sent to it; the limit is `REDIS_TIMEOUT`.",
    },
    Row {
        what: "Redis still loads its data",
        set: || {
            Box::pin(async {
                // To each of the four commands of a greeting.
                let loading = "-LOADING Redis is loading the dataset in memory\r\n\
                               -LOADING Redis is loading the dataset in memory\r\n\
                               -LOADING Redis is loading the dataset in memory\r\n\
                               -LOADING Redis is loading the dataset in memory\r\n";
                Ok(posing(Impostor::answering(loading).await).await)
            })
        },
        then: Runs(sends_without_redis),
        says: &[DOWN, "loading the dataset"],
        mend: "Wait; it is used again by itself.",
    },
    Row {
        what: "The password of Redis is wrong",
        set: || {
            Box::pin(async {
                let redis = TestRedis::start_with_password("sesame").await.expect("a Redis");
                let mut scene = on(&redis.url().replace("sesame", "hush-hush")).await;
                scene.keep_secret("hush-hush");
                scene.keep_secret("sesame");
                scene.keep(redis);
                Ok(scene)
            })
        },
        then: Runs(sends_without_redis),
        says: &[DOWN, "check user and password"],
        mend: "Correct it in `REDIS_URL` or `REDIS_PASSWORD`.",
    },
    Row {
        what: "Redis wants a password, and none is set",
        set: || {
            Box::pin(async {
                let redis = TestRedis::start_with_password("sesame").await.expect("a Redis");
                let mut scene = on(&redis.url().replace(":sesame@", "")).await;
                scene.keep_secret("sesame");
                scene.keep(redis);
                Ok(scene)
            })
        },
        then: Runs(sends_without_redis),
        says: &[DOWN, "check user and password"],
        mend: "Set it in `REDIS_URL` or `REDIS_PASSWORD`.",
    },
    Row {
        what: "Redis has no database of this number",
        set: || {
            Box::pin(async {
                let redis = TestRedis::start().await.expect("a Redis");
                let mut scene = on(&format!("{}/99", redis.url().trim_end_matches("/0"))).await;
                scene.keep(redis);
                Ok(scene)
            })
        },
        then: Runs(sends_without_redis),
        says: &[DOWN, "it has no database of that number"],
        mend: "Name one of 0 to 15 at the end of `REDIS_URL`, or in `REDIS_DB`.",
    },
    Row {
        what: "Redis is a replica, and takes nothing",
        set: || {
            Box::pin(async {
                let redis = TestRedis::start().await.expect("a Redis");
                // Of a primary that is not there.
                redis.command(&["REPLICAOF", "127.0.0.1", "1"]).await.expect("a replica");
                let mut scene = on(redis.url()).await;
                scene.keep(redis);
                Ok(scene)
            })
        },
        then: Runs(sends_without_redis),
        says: &[DOWN, "read only replica"],
        mend: "Name the primary in `REDIS_URL` or `REDIS_HOST`.",
    },
];

const DOWN: &str = "the delivery cache is down: sending goes on without it";

async fn on(url: &str) -> Scene {
    let mut scene = Scene::on_file().await;
    scene.set("REDIS_URL", url);
    scene
}

async fn posing(impostor: Impostor) -> Scene {
    let mut scene = on(&format!("redis://127.0.0.1:{}", impostor.port())).await;
    scene.keep(impostor);
    scene
}
