//! Who answers, if anybody.

use crate::{
    impostors::{Impostor, WEB_PAGE},
    looks::{not_ready, sends, waits},
    row::{
        Live, Row, Step,
        Then::{Ends, Runs},
    },
    scene::Scene,
};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "PostgreSQL does not run",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                scene.set_database_port(1);
                Ok(scene)
            })
        },
        then: Runs(waits),
        says: &["the message store is down: no send starts until it is back", "refused"],
        mend: "Start it. The service waits for it and then goes on by itself; `/readyz` answers 503 until then.",
    },
    Row {
        what: "The host of the database has no address",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let url = "postgres://me:hush-hush@no-such-host.invalid/queue";
                scene.set("DATABASE_URL", url);
                scene.keep_secret("hush-hush");
                Ok(scene)
            })
        },
        then: Runs(waits),
        says: &["the message store is down…", "DB_HOST…failed to lookup address information"],
        mend: "Correct the host in `DATABASE_URL` or `DB_HOST`, or mend DNS.",
    },
    Row {
        what: "A web server listens where PostgreSQL should",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let impostor = Impostor::answering(WEB_PAGE).await;
                scene.set_database_port(impostor.port());
                scene.keep(impostor);
                Ok(scene)
            })
        },
        then: Runs(waits),
        says: &["the message store is down…", "check that PostgreSQL is up…DB_PORT"],
        mend: "Correct host and port in `DATABASE_URL`, or `DB_HOST` and `DB_PORT`.",
    },
    Row {
        what: "A server that speaks first, such as SSH, listens there",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let impostor = Impostor::greeting("SSH-2.0-OpenSSH_9.2\r\n").await;
                scene.set_database_port(impostor.port());
                scene.keep(impostor);
                Ok(scene)
            })
        },
        then: Runs(waits),
        says: &["the message store is down…", "check that PostgreSQL is up…DB_PORT"],
        mend: "",
    },
    Row {
        what: "Something listens there and says nothing",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let impostor = Impostor::silent().await;
                scene.set_database_port(impostor.port());
                scene.keep(impostor);
                Ok(scene)
            })
        },
        then: Runs(waits),
        says: &[
            "the message store is down…",
            "check that PostgreSQL is up…no answer from PostgreSQL within 2s",
        ],
        mend: "Look whether the server hangs, or a firewall drops what is sent to it; the limit is `DB_TIMEOUT`.",
    },
    Row {
        what: "The server is a standby",
        set: || Box::pin(async { Ok(Scene::on_standby().await) }),
        then: Runs(sends_once_it_is_the_primary),
        says: &[
            "the message store is down…",
            "this is a standby: DB_HOST …must lead to the primary",
            "the message store is back",
        ],
        mend: "Name the primary in `DATABASE_URL` or `DB_HOST`, or all servers, separated by commas. The service waits, and goes on once the standby is \
               promoted.",
    },
    Row {
        what: "PostgreSQL has no connection to spare",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                let role = scene.role().await.user;
                let sql = format!(
                    "GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; \
                     GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}; \
                     ALTER ROLE {role} CONNECTION LIMIT 0"
                );
                scene.sql(&sql).await;
                Ok(scene)
            })
        },
        then: Runs(sends_once_there_is_room),
        says: &["the message store is down…", "too many connections", "the message store is back"],
        mend: "Raise `max_connections` or the limit of the role, or lower `DB_POOL_SIZE`. The service waits.",
    },
    Row {
        what: "The server demands TLS that it does not have",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                let url = format!("{}?sslmode=require", scene.parts().url());
                scene.set("DATABASE_URL", url);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "the database cannot be used: check the TLS…DB_SSLMODE…server does not support TLS",
        ],
        mend: "Switch TLS on at the server, or, on one machine, write `DB_SSLMODE=disable`.",
    },
];

fn sends_once_it_is_the_primary(live: Live) -> Step<Live> {
    Box::pin(async move {
        let live = not_ready(live).await;
        live.scene.sql("SELECT pg_promote()").await;
        sends(live).await
    })
}

fn sends_once_there_is_room(live: Live) -> Step<Live> {
    Box::pin(async move {
        let live = waits(live).await;
        let role = live.scene.parts().dbname.replace("test_", "role_");
        live.scene.sql(&format!("ALTER ROLE {role} CONNECTION LIMIT -1")).await;
        sends(live).await
    })
}
