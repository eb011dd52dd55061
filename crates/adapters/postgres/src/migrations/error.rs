//! What can go wrong with a schema.

use super::Problem;
use crate::{
    ConfigError,
    refusal::{is_broken_line, needs_an_operator},
};
use dispatcher_domain::ports::StoreError;
use dispatcher_schema::{FailedStatement, SchemaConflict};
use std::{fmt::Display, time::Duration};
use tokio_postgres::error::SqlState;

/// A migration did not go through.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The configuration cannot work.
    #[error("the database configuration cannot work")]
    Config(#[from] ConfigError),
    /// The server cannot be reached or refused a statement.
    #[error("the database cannot be reached or refused")]
    Database(#[from] tokio_postgres::Error),
    /// The server takes connections but nobody can log in.
    #[error("the database did not answer within {waited:?}")]
    NoAnswer {
        /// How long we waited.
        waited: Duration,
    },
    /// Something stands between us and the server that shares its sessions.
    #[error(
        "a connection pooler answers there, and may give the session of a migration to others: \
         give message-dispatcher-migrate the address of PostgreSQL itself (the server may stay \
         behind the pooler)"
    )]
    Pooled,
    /// Another migrator is at work for too long.
    #[error("another migration still runs after {waited:?}: wait for it, or end its session")]
    Locked {
        /// How long we waited.
        waited: Duration,
    },
    /// The database cannot be taken into use as it is. Nothing was changed.
    #[error("the database cannot be used as it is; nothing was changed{}", list(problems))]
    Refused {
        /// All that stands in the way.
        problems: Vec<Problem>,
    },
    /// Other sessions use a table that a migration changes, which changed
    /// nothing; what was applied before stays.
    #[error(
        "a table was still in use after {waited:?} (tried {tries} times); {} changed nothing: stop \
         the Go service and whatever else works on the table, then try again{}",
        statement.migration,
        list(by)
    )]
    InUse {
        /// How long each try waited.
        waited: Duration,
        /// How often it was tried.
        tries: u32,
        /// The sessions that hold it, as far as this user may know.
        by: Vec<String>,
        /// What waited for them.
        statement: Box<FailedStatement>,
    },
    /// The first migration of a database failed as a whole.
    #[error("the migration failed, and the database is as it was")]
    Undone {
        /// Which statement, and why.
        #[source]
        source: Box<FailedStatement>,
        /// Whether it may be well later without anyone's help.
        is_transient: bool,
    },
    /// The server does not tell what the migration did.
    #[error("the database was migrated, but does not tell what was done")]
    Unreadable,
    /// The history of the database does not fit this program.
    #[error(transparent)]
    Conflict(#[from] SchemaConflict),
    /// A migration failed, and changed nothing.
    #[error("a migration failed")]
    Failed {
        /// Which statement, and why.
        #[source]
        source: Box<FailedStatement>,
        /// What this run had applied before: that stays.
        applied: Vec<String>,
        /// Whether it may be well later without anyone's help.
        is_transient: bool,
    },
}

impl MigrateError {
    /// Whether it may be well later without anyone's help: the server is down,
    /// on its way up, or busy.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NoAnswer { .. } | Self::Locked { .. } | Self::InUse { .. } => true,
            Self::Database(error) => match error.code().map(SqlState::code) {
                // 53 out of resources, 57 shutdown or cannot connect now.
                Some(code) => code.starts_with("53") || code.starts_with("57"),
                None => error.is_closed() || is_broken_line(error),
            },
            Self::Undone { is_transient, .. } | Self::Failed { is_transient, .. } => *is_transient,
            Self::Config(_)
            | Self::Pooled
            | Self::Refused { .. }
            | Self::Unreadable
            | Self::Conflict(_) => false,
        }
    }

    /// What a run had applied before it failed: that stays.
    #[must_use]
    pub fn applied(&self) -> &[String] {
        match self {
            Self::Failed { applied, .. } => applied,
            _ => &[],
        }
    }

    /// The statement that failed, if it was one of a migration.
    #[must_use]
    pub fn statement(&self) -> Option<&FailedStatement> {
        match self {
            Self::InUse { statement, .. } => Some(statement),
            Self::Undone { source, .. } | Self::Failed { source, .. } => Some(source),
            _ => None,
        }
    }

    /// All was one transaction.
    pub(super) fn of_first_run(self) -> Self {
        match self {
            Self::Failed { source, is_transient, .. } => Self::Undone { source, is_transient },
            other => other,
        }
    }

    /// `applied` went well before.
    pub(super) fn after(self, applied: Vec<String>) -> Self {
        match self {
            Self::Failed { source, is_transient, .. } => {
                Self::Failed { source, applied, is_transient }
            }
            other => other,
        }
    }
}

/// One below the other: there may be many.
fn list(items: &[impl Display]) -> String {
    items.iter().map(|item| format!("\n  - {item}")).collect()
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
        matches!(self, Self::Store(error) if error.is_transient() && !needs_an_operator(error))
    }
}
