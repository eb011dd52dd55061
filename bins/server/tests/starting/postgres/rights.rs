//! Who is let in, and what for.

use crate::{
    looks::sends_nothing,
    row::{
        Row,
        Then::{Ends, Runs},
    },
    scene::Scene,
};
use dispatcher_testkit::postgres::PostgresParts;

pub(crate) const ROWS: &[Row] = &[
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
        then: Runs(sends_nothing),
        says: &["the message store fails: …", "permission denied for table attempts"],
        mend: "The same. Sending goes on by itself once it is granted.",
    },
];
