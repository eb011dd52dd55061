//! What can go wrong with a schema.

use crate::{FileError, OpenError};
use dispatcher_domain::ports::StoreError;
use dispatcher_schema::{FailedStatement, SchemaConflict};
use std::path::PathBuf;

/// A migration did not go through.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The file cannot be opened or made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is a table of that name which no migration of ours made.
    #[error(
        "{path} has a table \"messages\" that no migration of this program made: name another file"
    )]
    ForeignTable {
        /// The file.
        path: PathBuf,
    },
    /// The history of the file does not fit this program.
    #[error(transparent)]
    Conflict(#[from] SchemaConflict),
    /// A migration failed, and changed nothing.
    #[error("a migration failed, and the database is as it was")]
    Failed {
        /// Which statement, and why.
        #[source]
        source: Box<FailedStatement>,
    },
}

impl MigrateError {
    /// Whether it may be well later without anyone's help: the file is busy or
    /// the disk is full.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Open(error) => error.is_transient(),
            Self::File(error) => error.is_transient(),
            Self::ForeignTable { .. } | Self::Conflict(_) | Self::Failed { .. } => false,
        }
    }

    /// The statement that failed, if it was one of a migration.
    #[must_use]
    pub fn statement(&self) -> Option<&FailedStatement> {
        match self {
            Self::Failed { source } => Some(source),
            _ => None,
        }
    }
}

/// The schema is not the one that this program was built for.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// No table of ours.
    #[error("{path} is not migrated: run message-dispatcher-migrate (schema {needed})")]
    NotMigrated {
        /// The file.
        path: PathBuf,
        /// The version that this program needs.
        needed: i32,
    },
    /// An older program's tables.
    #[error(
        "{path} has schema {found}, this program needs {needed}: run message-dispatcher-migrate"
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i32,
        /// The version that this program needs.
        needed: i32,
    },
    /// A newer program's tables.
    #[error(
        "{path} has schema {found}, newer than the {needed} of this program: \
         run the version whose message-dispatcher-migrate made it"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i32,
        /// The version that this program needs.
        needed: i32,
    },
    /// The schema cannot be read.
    #[error("the schema cannot be read")]
    Store(#[from] StoreError),
}

impl SchemaError {
    /// Whether it may be well later without anyone's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}
