//! The database that the settings name: one of two kinds, with the same commands.

mod postgres;
mod sqlite;

use crate::answer::{Failure, Kind, Place, Plan, Status, Up};
use dispatcher_schema::SchemaConflict;
use dispatcher_settings::{DatabaseSettings, Settings};
use dispatcher_wiring::{pg_config, sqlite_config};
use postgres::Postgres;
use sqlite::Sqlite;
use std::time::Duration;

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// For all that may come right by itself, together.
    pub(crate) wait: Duration,
    /// In one try, for a table that is in use.
    pub(crate) lock_timeout: Duration,
}

/// A database to migrate.
pub(crate) enum Database {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// A run that failed, and what it had done before.
pub(crate) type UpFailed = (Up, Failure);

impl Database {
    pub(crate) fn of(settings: &Settings, limits: Limits) -> Self {
        match &settings.database {
            DatabaseSettings::Postgres(postgres) => {
                let timezone = settings.legacy.timezone.clone();
                Self::Postgres(Postgres::new(pg_config(postgres), limits, timezone))
            }
            DatabaseSettings::Sqlite(sqlite) => {
                Self::Sqlite(Sqlite::new(sqlite_config(sqlite), limits))
            }
        }
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Postgres(postgres) => postgres.place(),
            Self::Sqlite(sqlite) => sqlite.place(),
        }
    }

    /// Applies what is missing.
    pub(crate) async fn up(&self) -> Result<Up, UpFailed> {
        match self {
            Self::Postgres(postgres) => postgres.up().await,
            Self::Sqlite(sqlite) => sqlite.up().await,
        }
    }

    /// Tells what is there.
    pub(crate) async fn status(&self) -> Result<Status, Failure> {
        match self {
            Self::Postgres(postgres) => postgres.status().await,
            Self::Sqlite(sqlite) => sqlite.status().await,
        }
    }

    /// Tells what `up` would do.
    pub(crate) async fn plan(&self) -> Result<Plan, Failure> {
        match self {
            Self::Postgres(postgres) => postgres.plan().await,
            Self::Sqlite(sqlite) => sqlite.plan().await,
        }
    }
}

/// The history of the database does not fit this program.
impl From<&SchemaConflict> for Failure {
    fn from(conflict: &SchemaConflict) -> Self {
        let (kind, differences) = match conflict {
            SchemaConflict::Newer { .. } => (Kind::Newer, &[][..]),
            SchemaConflict::Differs { differences } => (Kind::Differs, &differences[..]),
        };
        let in_the_way = differences.iter().map(ToString::to_string).collect();
        Self { in_the_way, ..Self::new(kind, conflict.to_string()) }
    }
}
