//! A stage on a SQLite file, and what happens to files.

use super::{LIMIT, Replica, Stage, disk::Disk, spawn, store::Sqlite};
use dispatcher_mock_provider::{Behaviour, Config, MockProvider, Script};
use dispatcher_testkit::{process::Stream, wait_until};

pub type FileStage = Stage<Sqlite>;

impl FileStage {
    /// With a provider that answers the first POST when [`Self::answer`] says
    /// so, and the others at once.
    pub async fn held() -> Self {
        Self::with(held()).await
    }

    /// The same, on a disk of its own; none where we may not make one.
    pub async fn held_on_a_small_disk() -> Option<Self> {
        let directory = tempfile::tempdir().expect("a directory");
        let disk = Disk::mount(directory.path(), 2)?;
        let provider = MockProvider::start(held()).await.expect("a provider");
        Some(Self { store: Sqlite::make_in(directory, Some(disk)).await, provider })
    }

    /// The disk of [`Self::held_on_a_small_disk`].
    pub fn disk(&self) -> &Disk {
        self.disk.as_ref().expect("a disk")
    }

    /// Lets the provider answer.
    pub fn answer(&self) {
        self.provider.script(Script::default());
    }

    /// Waits until so many messages are sent.
    pub async fn until_sent(&self, count: i64) {
        let what = format!("{count} are sent");
        wait_until(&what, LIMIT, async || self.count("sent").await == count).await;
    }
}

fn held() -> Config {
    let script = Script::of([Behaviour::Hold, Behaviour::Accept]);
    Config { script, ..Config::default() }
}

/// Starts a server that must end by itself; exit code and error.
pub async fn refused(environment: Vec<(String, String)>) -> (Option<i32>, String) {
    let mut program = spawn(environment, &[]);
    let status = program.wait_for_exit(LIMIT).await.expect("an end");
    (status.code(), program.lines(Stream::Err).join("\n"))
}

impl Replica {
    /// Waits until it tells whether its store is well.
    pub async fn until_store_is(&self, state: &str) {
        wait_until(&format!("the database is {state}"), LIMIT, async || {
            self.get("/health").await.1["dependencies"]["database"] == state
        })
        .await;
    }
}
