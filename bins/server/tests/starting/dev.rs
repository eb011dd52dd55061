//! `dev`, where there is little that can go wrong.

use crate::{
    row::{
        Live, Row, Step,
        Then::{Ends, Runs},
    },
    scene::{Scene, is_root},
};
use dispatcher_testkit::wait_until;
use std::{fs, net::TcpListener};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "`--data-dir` is a file",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                fs::write(scene.folder.join("data"), "").expect("a file");
                dev(&mut scene, &["--data-dir", "data"]);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["--data-dir data cannot be made: name a directory of this user: File exists"],
        mend: "Name a directory, or one that is to be made.",
    },
    Row {
        what: "`--data-dir` may not be written to",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                fs::create_dir(scene.folder.join("data")).expect("a folder");
                dev(&mut scene, &["--data-dir", "data"]);
                scene.as_nobody()?;
                if !is_root() {
                    let mut permissions =
                        fs::metadata(scene.folder.join("data")).expect("it").permissions();
                    permissions.set_readonly(true);
                    fs::set_permissions(scene.folder.join("data"), permissions)
                        .expect("permissions");
                }
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["…data…Permission denied"],
        mend: "Let this user write to it, or name another.",
    },
    Row {
        what: "`--data-dir` is in use by another `dev`",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                dev(&mut scene, &["--data-dir", "data"]);
                let other = scene.start();
                other
                    .wait_for_line("Message Dispatcher runs at", dispatcher_stage::LIMIT)
                    .await
                    .expect("it runs");
                scene.keep(other);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["…data…in use…"],
        mend: "End the other one, or name another directory.",
    },
    Row {
        what: "`--port` is taken",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                let other = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
                let port = other.local_addr().expect("an address").port().to_string();
                scene.say(&["dev", "--port", &port]);
                scene.keep(other);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["cannot listen on 127.0.0.1 port …: another program has it: …--port"],
        mend: "Choose another: `--port 0` takes any free one.",
    },
    Row {
        what: "`--interval` is no duration",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                dev(&mut scene, &["--interval", "10"]);
                Ok(scene)
            })
        },
        then: Ends(64),
        says: &["invalid value '10' for '--interval <DURATION>': needs a unit: 10s"],
        mend: "Write a unit, such as `10s` or `1m`.",
    },
    Row {
        what: "There is no temporary directory",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                scene.set("TMPDIR", "/no/such/directory");
                dev(&mut scene, &[]);
                Ok(scene)
            })
        },
        then: Ends(69),
        says: &["no temporary directory can be made…--data-dir: …/no/such/directory"],
        mend: "Name one with `TMPDIR`, or a lasting one with `--data-dir`.",
    },
    Row {
        what: "The environment is that of production, and wrong",
        set: || {
            Box::pin(async {
                let mut scene = Scene::bare().await;
                scene.unset("DATABASE_URL");
                scene.set("BATCH_SIZE", "3");
                for (name, value) in OF_PRODUCTION {
                    scene.set(name, value);
                }
                fs::write(scene.folder.join(".env"), "DB_USER=$ME\nREDIS_PASSWORD=${HUSH}\n")
                    .expect("a file");
                dev(&mut scene, &[]);
                Ok(scene)
            })
        },
        then: Runs(has_sent),
        says: &["Message Dispatcher runs at", "to a mock provider, 3 every 10s; 6 samples"],
        mend: "",
    },
];

/// None of it may keep anybody from trying it out, or be asked.
const OF_PRODUCTION: [(&str, &str); 9] = [
    ("DB_HOST", "db.example.com"),
    ("DB_PASSWORD_FILE", "/run/secrets/of-production"),
    ("DB_SSLROOTCERT", "/etc/of-production.pem"),
    ("REDIS_URL", "rediss://cache.example.com"),
    ("REDIS_CA_FILE", "/etc/of-production.pem"),
    ("SMS_API_URL", "https://sms.example.com/send"),
    ("SMS_API_TOKEN_FILE", "/run/secrets/of-production"),
    ("SMS_CA_FILE", "/etc/of-production.pem"),
    ("PROVIDER_LOOKUP_URL", "https://sms.example.com/look-up"),
];

/// A batch of the samples, to the mock provider of its own.
fn has_sent(live: Live) -> Step<Live> {
    Box::pin(async move {
        wait_until("a batch is sent", dispatcher_stage::LIMIT, async || {
            live.replica.get("/api/messages/sent").await.1["total"] == 3
        })
        .await;
        live
    })
}

fn dev(scene: &mut Scene, more: &[&str]) {
    scene.say(&[&["dev", "--port", "0"], more].concat());
}
