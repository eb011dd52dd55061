//! What can go wrong with a schema.

use crate::ConfigError;
use dispatcher_domain::ports::StoreError;
use std::time::Duration;

/// A migration did not go through.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The configuration cannot work.
    #[error("the database configuration cannot work")]
    Config(#[from] ConfigError),
    /// The server cannot be reached or refused a statement.
    #[error("the database cannot be reached or refused")]
    Database(#[from] tokio_postgres::Error),
    /// Another migrator is at work for too long.
    #[error("another migration still runs after {waited:?}: wait for it, or end its session")]
    Locked {
        /// How long we waited.
        waited: Duration,
    },
    /// There is a table of that name which no migration of ours made.
    #[error(
        "the database has a table \"messages\" that no migration of this program made; \
         taking one over is not supported by this version: use a new database"
    )]
    ForeignTable,
    /// A migration failed, or the history does not fit this program.
    #[error("a migration failed")]
    Failed {
        /// Which and why.
        #[source]
        source: Box<refinery::Error>,
    },
}

/// The schema is not the one that this program was built for.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// No table of ours.
    #[error("the database is not migrated: run message-dispatcher-migrate (schema {needed})")]
    NotMigrated {
        /// The version that this program needs.
        needed: i32,
    },
    /// An older program's tables.
    #[error(
        "the database has schema {found}, this program needs {needed}: run message-dispatcher-migrate"
    )]
    Older {
        /// The version found.
        found: i32,
        /// The version that this program needs.
        needed: i32,
    },
    /// A newer program's tables.
    #[error(
        "the database has schema {found}, newer than the {needed} of this program: \
         run the version whose message-dispatcher-migrate made it"
    )]
    Newer {
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
