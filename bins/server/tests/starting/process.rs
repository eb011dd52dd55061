//! What the operating system gives the process, and what it does not.

use crate::{
    looks::sends,
    row::{
        Row,
        Then::{Ends, Runs},
    },
    scene::{CannotTry, Scene},
};
use std::{fs, os::unix::fs::PermissionsExt};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "`.env` may not be read",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                let path = scene.folder.join(".env");
                fs::write(&path, "SMS_API_TOKEN=hush-hush\n").expect("a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("permissions");
                scene.give_folder();
                scene.as_nobody()?;
                Ok(scene)
            })
        },
        then: Ends(64),
        says: &[".env: cannot be read: Permission denied"],
        mend: "Let the user of the service read it, or take it away.",
    },
    Row {
        what: "`.env` is a directory",
        set: || {
            Box::pin(async {
                let scene = Scene::on_file().await;
                fs::create_dir(scene.folder.join(".env")).expect("a folder");
                Ok(scene)
            })
        },
        then: Ends(64),
        says: &[".env: cannot be read: …directory"],
        mend: "Take it away. A container makes one when it mounts a file `.env` that is not there.",
    },
    Row {
        what: "The working directory is deleted",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                fs::create_dir(scene.folder.join("gone")).expect("a folder");
                scene.directory = scene.folder.join("gone");
                scene.by_shell(r#"rmdir "$PWD"; exec "$@""#);
                Ok(scene)
            })
        },
        then: Runs(sends),
        says: &[],
        mend: "",
    },
    Row {
        what: "Standard output and standard error are closed",
        set: || Box::pin(async { Ok(unheard(r#"exec "$@" >&- 2>&-"#).await) }),
        then: Runs(sends),
        says: &[],
        mend: "",
    },
    Row {
        what: "Nobody reads standard error any more",
        set: || Box::pin(async { Ok(unheard(PIPE_WITHOUT_READER).await) }),
        then: Runs(sends),
        says: &[],
        mend: "",
    },
    Row {
        what: "The disk that the log is written to is full",
        set: || {
            Box::pin(async {
                if !std::path::Path::new("/dev/full").exists() {
                    return Err(CannotTry("there is no /dev/full".to_owned()));
                }
                Ok(unheard(r#"exec "$@" >/dev/full 2>&1"#).await)
            })
        },
        then: Runs(sends),
        says: &[],
        mend: "",
    },
    Row {
        what: "Nobody hears why it ends",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                scene.by_shell(r#"exec "$@" >/dev/full 2>&1"#);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &[],
        mend: "",
    },
    Row {
        what: "The process may open hardly any files",
        set: || Box::pin(async { Ok(limited(r#"ulimit -n 9; exec "$@""#).await) }),
        then: Ends(69),
        says: &["may open too few files…raise the limit…ulimit -n…Too many open files"],
        mend: "Raise it: `ulimit -n`, `LimitNOFILE=` of systemd, `--ulimit nofile=` of a container. 1024 is plenty.",
    },
    Row {
        what: "It may open a few, not enough",
        set: || Box::pin(async { Ok(limited(r#"ulimit -n 16; exec "$@""#).await) }),
        then: Ends(69),
        says: &["may open too few files"],
        mend: "",
    },
    Row {
        what: "It may open just enough",
        set: || Box::pin(async { Ok(limited(r#"ulimit -n 64; exec "$@""#).await) }),
        then: Runs(sends),
        says: &[],
        mend: "",
    },
];

const PIPE_WITHOUT_READER: &str = r#"mkfifo pipe; : <pipe & exec 2>pipe; wait; exec "$@" >&2"#;

/// With a port that is known before, as there is no log that tells it.
async fn unheard(line: &'static str) -> Scene {
    let mut scene = Scene::on_file().await;
    scene.choose_port();
    scene.by_shell(line);
    scene
}

async fn limited(line: &'static str) -> Scene {
    let mut scene = Scene::on_file().await;
    scene.by_shell(line);
    scene
}
