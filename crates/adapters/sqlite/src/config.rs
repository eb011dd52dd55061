//! Which file, and how long to wait for it.

use std::{path::PathBuf, time::Duration};

/// Which file holds the queue, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The database file. Beside it lie its `-wal` and `-shm`, and the `.lock`
    /// of the process that sends from it: the directory must be writable.
    pub path: PathBuf,
    /// Connections that read: so many lists are read at the same time, while
    /// one more connection writes. At least one is opened.
    pub readers: usize,
    /// Longest time that one call may take: waiting for its turn, for other
    /// programs that write to the file, and for the disk together.
    pub timeout: Duration,
}

impl SqliteConfig {
    /// The file at `path`, two readers and 5 s.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 2, timeout: Duration::from_secs(5) }
    }
}
