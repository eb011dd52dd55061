//! PostgreSQL, and what is not PostgreSQL.

use crate::{
    impostors::{Impostor, WEB_PAGE},
    looks::{not_ready, sends, waits},
    row::{
        Live, Row, Step,
        Then::{Ends, Runs},
    },
    scene::Scene,
};
use dispatcher_testkit::postgres::PostgresParts;

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
        what: "The database does not exist",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                scene.set_database(&scene.parts().with_dbname("no_such_thing"));
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database refuses us: …DB_NAME…database \"no_such_thing\" does not exist"],
        mend: "`createdb`, then `message-dispatcher-migrate`; or correct `DATABASE_URL` or `DB_NAME`.",
    },
    Row {
        what: "The role does not exist",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                let parts = PostgresParts { user: "no_such_role".into(), ..scene.parts() };
                scene.set_database(&parts);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database refuses us: …DB_USER…\"no_such_role\""],
        mend: "`createuser`, or correct the user in `DATABASE_URL` or `DB_USER`. PostgreSQL may say the same of a \
               wrong password.",
    },
    Row {
        what: "The password is wrong",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                scene
                    .set_database(&PostgresParts { password: "hush-hush".into(), ..scene.parts() });
                scene.keep_secret("hush-hush");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database refuses us: …DB_PASSWORD…password authentication failed for user"],
        mend: "Correct it in `DATABASE_URL` or `DB_PASSWORD`; in a URL special characters are percent-encoded (`#` is \
               `%23`).",
    },
    Row {
        what: "The role may not log in",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                let role = scene.role().await.user;
                scene.sql(&format!("ALTER ROLE {role} NOLOGIN")).await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database refuses us: …is not permitted to log in"],
        mend: "`ALTER ROLE … LOGIN`.",
    },
    Row {
        what: "The role may do nothing",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                scene.role().await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "the database refuses us: GRANT …permission denied for table dispatcher_schema_history",
        ],
        mend: "`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public`, and `USAGE` on its sequences, to \
               the role of the service.",
    },
    Row {
        what: "The role may only read",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                let role = scene.role().await.user;
                scene.sql(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")).await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database refuses us: GRANT …permission denied for table dispatch_control"],
        mend: "",
    },
    Row {
        what: "The role may not write the attempts",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_postgres().await;
                let role = scene.role().await.user;
                let grant = format!(
                    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; \
                     GRANT INSERT, UPDATE ON messages, dispatch_control TO {role}"
                );
                scene.sql(&grant).await;
                Ok(scene)
            })
        },
        then: Runs(nothing_is_sent),
        says: &["the message store fails: …", "permission denied for table attempts"],
        mend: "The same. Sending goes on by itself once it is granted.",
    },
    Row {
        what: "There is no table yet",
        set: || Box::pin(async { Ok(Scene::on_empty_postgres().await) }),
        then: Ends(69),
        says: &["the database is not migrated: run message-dispatcher-migrate"],
        mend: "Run `message-dispatcher-migrate` with the same settings.",
    },
    Row {
        what: "There is a table `messages` of another program",
        set: || {
            Box::pin(async {
                let scene = Scene::on_empty_postgres().await;
                scene.sql("CREATE TABLE messages (id int, theirs text)").await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database is not migrated: run message-dispatcher-migrate"],
        mend: "The same; it tells whether that table can be taken over, and changes nothing if not.",
    },
    Row {
        what: "The tables are of an older version",
        set: || {
            Box::pin(async {
                let scene = Scene::on_postgres().await;
                scene.sql(OLDER).await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["the database has schema …, this program needs …: run message-dispatcher-migrate"],
        mend: "Run the `message-dispatcher-migrate` of this version.",
    },
    Row {
        what: "The tables are of a newer version",
        set: || {
            Box::pin(async {
                let scene = Scene::on_postgres().await;
                scene.sql(NEWER).await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "the database has schema 900, newer than the … of this program: run the version whose",
        ],
        mend: "Run the server of that version.",
    },
    Row {
        what: "A table is missing",
        set: || {
            Box::pin(async {
                let scene = Scene::on_postgres().await;
                scene.sql("DROP TABLE attempts CASCADE").await;
                Ok(scene)
            })
        },
        then: Runs(nothing_is_sent),
        says: &["the message store fails: …", "relation \"attempts\" does not exist"],
        mend: "Restore it from a backup.",
    },
    Row {
        what: "The control row is missing",
        set: || {
            Box::pin(async {
                let scene = Scene::on_postgres().await;
                scene.sql("DELETE FROM dispatch_control").await;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["dispatch_control has no row…INSERT INTO dispatch_control DEFAULT VALUES"],
        mend: "`INSERT INTO dispatch_control DEFAULT VALUES`.",
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
        mend: "Name the primary in `DATABASE_URL` or `DB_HOST`. The service waits, and goes on once the standby is \
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
        then: Runs(waits),
        says: &["the message store is down…", "DB_SSLMODE…server does not support TLS"],
        mend: "Switch TLS on at the server, or, on one machine, write `DB_SSLMODE=disable`.",
    },
];

const OLDER: &str = "DELETE FROM dispatcher_schema_history \
                     WHERE version = (SELECT max(version) FROM dispatcher_schema_history)";
const NEWER: &str = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
                     VALUES (900, 'of_the_future', '', '')";

fn nothing_is_sent(live: Live) -> Step<Live> {
    Box::pin(async move {
        live.replica
            .program
            .wait_for_line("the message store fails", crate::support::LIMIT)
            .await
            .expect("it says so");
        assert_eq!(live.scene.provider.requests(), []);
        live
    })
}

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
