//! What can go wrong with a schema.

use super::newest;
use crate::{FileError, OpenError};
use dispatcher_domain::ports::StoreError;
use refinery::error::Kind;
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
    /// A newer program's tables.
    #[error(
        "the database has schema {found}, newer than the {needed} of this program: \
         run the message-dispatcher-migrate that made it"
    )]
    Newer {
        /// The version found.
        found: i32,
        /// The version that this program would make.
        needed: i32,
    },
    /// A migration failed, or the history does not fit this program.
    #[error("a migration failed")]
    Failed {
        /// Which and why.
        #[source]
        source: Box<refinery::Error>,
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
            Self::ForeignTable { .. } | Self::Newer { .. } | Self::Failed { .. } => false,
        }
    }
}

impl From<refinery::Error> for MigrateError {
    fn from(error: refinery::Error) -> Self {
        match error.kind() {
            Kind::MissingVersion(migration) if migration.version() > newest() => {
                Self::Newer { found: migration.version(), needed: newest() }
            }
            _ => Self::Failed { source: Box::new(error) },
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
