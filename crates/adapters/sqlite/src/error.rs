//! From SQLite's errors to what a caller, and a human, can do about them.

use dispatcher_domain::ports::StoreError;
use rusqlite::{ErrorCode, ffi};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// What went wrong with a database file, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another program writes to it, for longer than we wait.
    #[error("{path} is locked by another program that writes to it: end its transaction")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The disk, or the quota on it, is full.
    #[error("the disk is full: {path} cannot grow")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// It may be read only.
    #[error(
        "{path} cannot be written: this user needs to write to the file, to its -wal and -shm \
         and to the directory they are in"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// It may not be opened.
    #[error(
        "{path} cannot be opened: this user needs to read and write the file, its -wal and -shm \
         and the directory they are in"
    )]
    CannotOpen {
        /// The file.
        path: PathBuf,
    },
    /// The disk failed.
    #[error("reading or writing {path} failed: {message}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        message: String,
    },
    /// It is damaged.
    #[error(
        "{path} is damaged ({message}): restore a backup, or save what is left with \
         `sqlite3 {path} .recover`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        message: String,
    },
    /// It is something else.
    #[error("{path} is no SQLite database: name another file")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// It is no longer where it was opened.
    #[error(
        "{path} was moved, deleted or replaced while it was open: put it back, or restart; \
         nothing is written meanwhile"
    )]
    Moved {
        /// The file.
        path: PathBuf,
    },
    /// The call was given up before it took effect.
    #[error("a call on {path} was given up")]
    GivenUp {
        /// The file.
        path: PathBuf,
    },
    /// Anything else: tables of another version, a statement that is wrong.
    #[error("{path}: {message}")]
    Other {
        /// The file.
        path: PathBuf,
        /// What the driver says; never what stands in rows.
        message: String,
    },
}

impl FileError {
    pub(crate) fn new(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let message = said(error);
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::CannotOpen { path },
            // Its -shm cannot grow. Not `Full`: the log may have the commit by then.
            Some(ErrorCode::SystemIoFailure) if is_of(error, ffi::SQLITE_IOERR_SHMSIZE) => {
                Self::Io { path, message: format!("{message} (is the disk full?)") }
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory) => Self::Io { path, message },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, message },
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::OperationInterrupted) => Self::GivenUp { path },
            _ => Self::Other { path, message },
        }
    }

    /// Whether it may be well later, without a change of the file itself:
    /// somebody ends a transaction, frees the disk, gives permission or puts
    /// it back.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Full { .. }
            | Self::ReadOnly { .. }
            | Self::CannotOpen { .. }
            | Self::Io { .. }
            | Self::Moved { .. }
            | Self::GivenUp { .. } => true,
            Self::Damaged { .. } | Self::NotADatabase { .. } | Self::Other { .. } => false,
        }
    }
}

/// What SQLite says. Of a statement that it cannot read the driver repeats the
/// whole text; whoever reports that knows which it was.
fn said(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    }
}

/// Whether SQLite's own, finer code is this one.
fn is_of(error: &rusqlite::Error, code: i32) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == code)
}

/// The call did not end in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer from SQLite within {0:?}")]
pub(crate) struct TimedOut(pub(crate) Duration);

/// A statement failed, and what came before it is rolled back.
pub(crate) fn statement_failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    let error = FileError::new(path, error);
    if error.is_transient() {
        StoreError::Unavailable(error.into())
    } else {
        StoreError::Unexpected(error.into())
    }
}

/// COMMIT failed.
///
/// Busy means that it was not tried. Without room on the disk, the record that
/// commits, which is the last one to be written, is missing in the log or torn,
/// and the next start takes no notice of what lies before it. After any other
/// failure that record may be on the disk, and count after a crash.
pub(crate) fn commit_failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    match FileError::new(path, error) {
        error @ (FileError::Busy { .. } | FileError::Full { .. }) => {
            StoreError::Unavailable(error.into())
        }
        error => StoreError::Unconfirmed(error.into()),
    }
}

/// Whether a table is missing.
pub(crate) fn is_missing_table(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(ffi::Error { code: ErrorCode::Unknown, .. }, Some(message))
             if message.starts_with("no such table"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn what_others_can_mend_is_unavailable_and_damage_is_not() {
        let path = Path::new("/data/q.db");
        for (code, transient) in [
            (ffi::SQLITE_BUSY, true),
            (ffi::SQLITE_BUSY_SNAPSHOT, true),
            (ffi::SQLITE_FULL, true),
            (ffi::SQLITE_READONLY, true),
            (ffi::SQLITE_IOERR_WRITE, true),
            (ffi::SQLITE_CANTOPEN, true),
            (ffi::SQLITE_CORRUPT, false),
            (ffi::SQLITE_NOTADB, false),
            (ffi::SQLITE_CONSTRAINT_CHECK, false),
        ] {
            let error = statement_failed(path, &failure(code));
            assert_eq!(error.is_transient(), transient, "{code}: {error:?}");
            let text = std::error::Error::source(&error).map(ToString::to_string);
            assert!(text.is_some_and(|text| text.contains("/data/q.db")), "{code}: {error:?}");
        }
    }

    #[test]
    fn a_commit_that_was_not_tried_or_is_torn_did_not_happen_and_others_may_have() {
        let path = Path::new("q.db");
        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_FULL] {
            let error = commit_failed(path, &failure(code));
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_CORRUPT] {
            let error = commit_failed(path, &failure(code));
            assert!(matches!(error, StoreError::Unconfirmed(_)), "{error:?}");
        }
    }
}
