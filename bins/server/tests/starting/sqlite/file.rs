//! Where it is, what it is, and who may do what with it.

use crate::{
    looks::{not_ready, sends},
    row::{
        Row,
        Then::{Ends, Runs},
    },
    scene::{Scene, is_root},
    sqlite::disk::Disk,
};
use dispatcher_stage::Replica;
use std::{fs, os::unix::fs::PermissionsExt};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "There is no file",
        set: || Box::pin(async { Ok(Scene::bare().await) }),
        then: Ends(69),
        says: &["there is no database at …messages.db: run message-dispatcher-migrate"],
        mend: "Run `message-dispatcher-migrate` with the same settings, or correct `DATABASE_URL`.",
    },
    Row {
        what: "There is no directory for it",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                scene.use_file("nowhere/messages.db");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["there is no database at …nowhere/messages.db: run message-dispatcher-migrate"],
        mend: "Make that directory, then run `message-dispatcher-migrate`.",
    },
    Row {
        what: "The path is a directory",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                scene.use_file("");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["is a directory: name a file in it, such as …messages.db"],
        mend: "Name a file in it.",
    },
    Row {
        what: "The file is something else",
        set: || {
            Box::pin(async {
                let scene = Scene::bare().await;
                fs::write(scene.folder.join("messages.db"), "Dear reader, ".repeat(1000))
                    .expect("a file");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db is no SQLite database: name another file"],
        mend: "Correct `DATABASE_URL`; the file was not changed.",
    },
    Row {
        what: "The file is damaged",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                let path = scene.folder.join("messages.db");
                let mut bytes = fs::read(&path).expect("a file");
                bytes[100..].fill(0xA5);
                fs::write(&path, bytes).expect("a file");
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[
            "messages.db is damaged (…): restore a backup, or save what is left with `sqlite3 …",
        ],
        mend: "Restore a backup, or let `sqlite3 FILE .recover` save what is left.",
    },
    Row {
        what: "The user may not write to the file",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.give_folder();
                permit(&scene, "messages.db", 0o444);
                scene.as_nobody()?;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db cannot be …: this user needs to …write …the directory they are in"],
        mend: "Give the file, its `-wal` and `-shm` and their directory to the user of the service.",
    },
    Row {
        what: "The user may not write to the directory",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.give_folder();
                permit(&scene, "", 0o555);
                scene.as_nobody()?;
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db cannot be …: this user needs to …write …the directory they are in"],
        mend: "",
    },
    Row {
        what: "The user may not look into the directory",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.as_nobody()?;
                scene.directory = "/".into();
                permit(&scene, "", 0o700);
                if !is_root() {
                    permit(&scene, "", 0o000);
                }
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db cannot be opened: this user needs to read and write the file"],
        mend: "",
    },
    Row {
        what: "Another process sends from the file",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                let running = Replica::listening(scene.start()).await;
                let mut scene = scene;
                scene.keep(running);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["messages.db is in use: process … sends from it, and only one may"],
        mend: "Stop that one, use another file, or PostgreSQL, from which any number may send.",
    },
    Row {
        what: "Another program holds a transaction on the file",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                let other = rusqlite::Connection::open(scene.folder.join("messages.db"));
                let other = other.expect("the file opens");
                other.execute_batch("BEGIN EXCLUSIVE").expect("it is locked");
                scene.keep(other);
                Ok(scene)
            })
        },
        then: Runs(not_ready),
        says: &["the message store is down…", "messages.db is locked by another program"],
        mend: "End its transaction. The service waits for it.",
    },
    Row {
        what: "The disk is full",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let disk = Disk::mount(&scene)?;
                scene.migrate_file("disk/messages.db").await;
                disk.fill();
                scene.keep(disk);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["…messages.db failed: …(is the disk full?)"],
        mend: "Make room. A service that runs waits for it.",
    },
    Row {
        what: "The path has blanks and letters beyond ASCII",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let folder = "meine Daten/ünï 100%";
                fs::create_dir_all(scene.folder.join(folder)).expect("a folder");
                scene.migrate_file(&format!("{folder}/q #1?.db")).await;
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &[],
        mend: "",
    },
];

fn permit(scene: &Scene, name: &str, mode: u32) {
    let path = scene.folder.join(name);
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}
