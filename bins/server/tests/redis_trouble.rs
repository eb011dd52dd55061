//! Whatever Redis does, sending goes on at its pace; `/health` and the log say
//! so, and it heals by itself.

use dispatcher_stage::{
    LIMIT,
    redis_world::{DOWN, World},
};
use dispatcher_testkit::{TestRedis, wait_until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_costs_no_send_its_time_out() {
    // Sent one after the other. If each waited, that alone would take longer
    // than this test may.
    let mut world = World::start_with(&[("REDIS_TIMEOUT", "10s")]).await;
    world.until_redis_is("healthy").await;
    world.send(1, 1).await;
    world.redis.freeze().await.expect("it freezes");
    world.send(2, 30).await;
    world.until_redis_is("unhealthy").await;
    world.replica.until_logged(DOWN, 1).await;
    let (status, list) = world.replica.get("/api/messages/sent").await;
    assert_eq!((status, &list["total"]), (200, &31.into()));
    world.redis.thaw().await.expect("it thaws");
    world.until_redis_is("healthy").await;
    world.send(32, 1).await;
    wait_until("it is written again", LIMIT, async || {
        world.redis(&["EXISTS", "delivery:32"]).await == "1"
    })
    .await;
    assert_eq!(world.changes_in_the_log().await, (1, 1), "{}", world.replica.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_restarted_and_flushed_under_load_it_loses_hints_and_gets_them_back() {
    const MESSAGES: i32 = 300;
    let mut world = World::start().await;
    world.until_redis_is("healthy").await;
    world.stage.insert(1, MESSAGES).await;
    for round in 1..=2 {
        world.stage.provider.wait_for_requests(round * 50, LIMIT).await.expect("sends go on");
        world.redis.kill().await.expect("it was running");
        world.until_redis_is("unhealthy").await;
        world.redis.start_again().await.expect("it starts again");
        world.until_redis_is("healthy").await;
        world.redis.flush().await.expect("it was reachable");
    }
    wait_until("all are sent", LIMIT, async || {
        world.stage.count("sent").await == i64::from(MESSAGES)
    })
    .await;
    assert_eq!(world.stage.provider.requests().len(), 300, "each once");
    // With the end of the replica every receipt is written or lost: one that is
    // late would be in the cache after all.
    assert_eq!(world.changes_in_the_log().await, (2, 2), "{}", world.replica.log());
    world.redis.flush().await.expect("it was reachable");
    world.replica = world.stage.replica(&[("REDIS_URL", world.redis.url())]).await;

    let ledger = world.stage.provider.ledger();
    let list = world.replica.get("/api/messages/sent").await.1;
    let entries = list["messages"].as_array().expect("a list");
    assert_eq!((entries.len(), &list["total"]), (300, &MESSAGES.into()));
    for (entry, accepted) in entries.iter().zip(&ledger) {
        assert_eq!(entry["message_id"], accepted.message_id.as_str(), "the database has it");
        assert_eq!(entry.get("cached_at"), None, "the cache has not");
    }
    // The list put back what the cache had lost.
    assert_eq!(world.redis(&["DBSIZE"]).await, "300", "for display, and no proof");
    let again = world.replica.get("/api/messages/sent").await.1;
    assert!(again["messages"][299]["cached_at"].is_string(), "{again}");
    let ttl = world.ttl("delivery:300").await;
    assert!((80_000..86_400).contains(&ttl), "the rest of its time: {ttl} s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_once_without_the_password_until_it_is_right() {
    const RIGHT: &str = "r1ght-s3cret";
    const WRONG: &str = "wr0ng-s3cret";
    let redis = TestRedis::start_with_password(RIGHT).await.expect("a Redis");
    let url = redis.url().replace(RIGHT, WRONG);
    let mut world = World::start_on(redis, &[("REDIS_URL", &url), ("LOG_LEVEL", "debug")]).await;
    world.until_redis_is("unhealthy").await;
    world.send(1, 5).await;
    let line = world.replica.program.wait_for_line(DOWN, LIMIT).await.expect("a line");
    assert!(line.contains("authentication failed"), "the reason: {line}");
    // The operator gives the user of this replica its password.
    world.redis(&["ACL", "SETUSER", "default", &format!(">{WRONG}")]).await;
    world.until_redis_is("healthy").await;
    world.send(6, 1).await;
    assert_eq!(world.changes_in_the_log().await, (1, 1), "{}", world.replica.log());
    for secret in [RIGHT, WRONG] {
        assert!(!world.replica.log().contains(secret), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn something_that_is_no_redis_is_told_once_and_changes_nothing_else() {
    let world = World::start().await;
    // A web server.
    let provider = world.stage.provider.url("");
    let url = provider.replace("http://", "redis://:s3cret@");
    let settings = [("REDIS_URL", url.as_str()), ("LOG_LEVEL", "debug")];
    let mut world = World { replica: world.stage.replica(&settings).await, ..world };
    world.until_redis_is("unhealthy").await;
    world.send(1, 5).await;
    let (status, list) = world.replica.get("/api/messages/sent").await;
    assert_eq!((status, &list["total"]), (200, &5.into()));
    assert!(list["messages"][0]["message_id"].is_string());
    assert_eq!(world.changes_in_the_log().await, (1, 0), "{}", world.replica.log());
    assert!(!world.replica.log().contains("s3cret"));
}
