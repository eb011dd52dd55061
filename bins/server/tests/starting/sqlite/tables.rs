//! The tables in it.

use crate::{
    looks::sends,
    row::{
        Row,
        Then::{Ends, Runs},
    },
    scene::Scene,
};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "The file has no table yet",
        set: || {
            Box::pin(async {
                let scene = Scene::bare().await;
                scene.in_file("messages.db", "CREATE TABLE theirs (id integer)");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db is not migrated: run message-dispatcher-migrate"],
        mend: "Run `message-dispatcher-migrate` with the same settings.",
    },
    Row {
        what: "The file is of an older version",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                scene.in_file("messages.db", OLDER);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db has schema …, this program needs …: run message-dispatcher-migrate"],
        mend: "Run the `message-dispatcher-migrate` of this version.",
    },
    Row {
        what: "The file is of a newer version",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                scene.in_file("messages.db", NEWER);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "messages.db has schema 900, newer than the … of this program: run the version whose",
        ],
        mend: "Run the server of that version.",
    },
    Row {
        what: "The file is of a newer version that only added to it",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                scene.in_file("messages.db", ADDED_TO);
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
        what: "The control row is missing in the file",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                scene.in_file("messages.db", "DELETE FROM dispatch_control");
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
