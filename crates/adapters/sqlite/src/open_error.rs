//! Why a database cannot be opened, in words for whoever named it.

use crate::FileError;
use std::path::PathBuf;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file.
    #[error("there is no database at {path}: run message-dispatcher-migrate, which makes it")]
    NoDatabase {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is no directory for it.
    #[error("there is no directory {directory} for the database {path}: make it first")]
    NoDirectory {
        /// Where the file should be.
        path: PathBuf,
        /// What is missing.
        directory: PathBuf,
    },
    /// The path leads to a directory.
    #[error("{path} is a directory: name a file in it, such as {}", path.join("messages.db").display())]
    Directory {
        /// What was named.
        path: PathBuf,
    },
    /// Another process sends from this file.
    #[error(
        "{path} is in use: {} sends from it, and only one may (it holds {lock}). \
         Stop that one, use another file, or use PostgreSQL to send from several",
        name_of(*.process)
    )]
    InUse {
        /// The database.
        path: PathBuf,
        /// What the other one holds.
        lock: PathBuf,
        /// Its number, if it could be read.
        process: Option<u32>,
    },
    /// The lock cannot be taken at all.
    #[error("the lock {lock} cannot be taken: this user needs to write to it and its directory")]
    Lock {
        /// The lock.
        lock: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// SQLite cannot keep a write-ahead log there.
    #[error(
        "{path} cannot have a write-ahead log (its journal mode is {mode}): \
         put it on a disk of this machine"
    )]
    NoWriteAheadLog {
        /// The database.
        path: PathBuf,
        /// The mode that SQLite stays in.
        mode: String,
    },
    /// The operating system gives no thread.
    #[error("no thread can be started for the database")]
    Thread(#[source] std::io::Error),
    /// SQLite refused.
    #[error(transparent)]
    File(#[from] FileError),
}

impl OpenError {
    /// Whether it may be well later without anyone's help: the file is busy.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::File(FileError::Busy { .. } | FileError::Full { .. }))
    }
}

fn name_of(process: Option<u32>) -> String {
    process.map_or("another process".to_owned(), |process| format!("process {process}"))
}
