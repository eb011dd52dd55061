//! A file of its own for each test, and time that is moved by hand.
#![allow(dead_code)] // Each test binary uses its part.

use dispatcher_sqlite::{Db, SqliteConfig, migrations};
use jiff::{SignedDuration, Timestamp};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

/// The store's time: it stands still.
#[derive(Clone)]
pub(crate) struct ManualTime(Arc<Mutex<Timestamp>>);

impl ManualTime {
    pub(crate) fn new() -> Self {
        let start = "2026-01-01T00:00:00.123456Z".parse().expect("a time");
        Self(Arc::new(Mutex::new(start)))
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.0.lock().expect("no test panics here")
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().expect("no test panics here") += by;
    }
}

/// Longer than anything that holds the file here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory that goes with the test, and a database file in it.
pub(crate) struct TestFile {
    directory: TempDir,
    pub(crate) time: ManualTime,
}

impl TestFile {
    /// No file yet.
    pub(crate) fn nowhere() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self { directory, time: ManualTime::new() }
    }

    /// With all tables.
    pub(crate) async fn migrated() -> Self {
        let file = Self::nowhere();
        migrations::migrate(&file.config(), Duration::ZERO).await.expect("migrates");
        file
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("messages.db")
    }

    /// With patience, for a machine that stalls.
    pub(crate) fn config(&self) -> SqliteConfig {
        SqliteConfig { timeout: PATIENCE, ..SqliteConfig::new(self.path()) }
    }

    pub(crate) fn open(&self) -> Db {
        self.open_with(&self.config())
    }

    pub(crate) fn open_with(&self, config: &SqliteConfig) -> Db {
        let time = self.time.clone();
        Db::open_to_send(config, move || time.now()).expect("a database")
    }

    /// As any other program opens it.
    pub(crate) fn shell(&self) -> rusqlite::Connection {
        let shell = rusqlite::Connection::open(self.path()).expect("a connection");
        shell.busy_timeout(PATIENCE).expect("a time");
        shell
    }
}
