//! The tables, of which there are none, or others.

use crate::{
    looks::{sends, sends_nothing},
    row::{
        Row,
        Then::{Ends, Runs},
    },
    scene::Scene,
};

pub(crate) const ROWS: &[Row] = &[
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
        what: "The tables are of a newer version that only added to them",
        set: || {
            Box::pin(async {
                let scene = Scene::on_postgres().await;
                scene.sql(ADDED_TO).await;
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &[
            "the database is of a newer version, which lets this one stay: replace it when you can",
        ],
        mend: "Nothing: all goes on. Replace it by the newer version when you can (docs/migrations.md).",
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
        then: Runs(sends_nothing),
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
];

const OLDER: &str = "DELETE FROM dispatcher_schema_history \
                     WHERE version = (SELECT max(version) FROM dispatcher_schema_history)";
const NEWER: &str = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
                     VALUES (900, 'of_the_future', '', '')";
const ADDED_TO: &str = "INSERT INTO dispatcher_schema_history \
                        (version, name, applied_on, checksum, works_with) \
                        VALUES (900, 'of_the_future', '', '', 5)";
