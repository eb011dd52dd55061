//! Bringing the tables, and telling whether they are there.
//!
//! The migrations of `migrations/postgres` are embedded. [`migrate`] applies
//! what is missing; [`status`] tells what that would be; [`check`] tells a
//! server whether it may run.

mod adoption;
mod connection;
mod error;
mod first_run;
mod lock;
mod patience;
mod preflight;
mod status;

pub use adoption::Adoption;
pub use error::{MigrateError, SchemaError};
pub use preflight::{FoundTable, Preflight, Problem};
pub use status::{MigrationState, MigrationStatus, status};

use crate::{Db, PgConfig, error::server_error};
use patience::Patience;
use refinery::Runner;
use std::time::Duration;
use tokio_postgres::error::SqlState;

mod embedded {
    refinery::embed_migrations!("../../../migrations/postgres");
}

/// Where the applied migrations are written down.
const HISTORY: &str = "dispatcher_schema_history";

/// What is reported as applied is on the disk, and a large table may take its
/// time, whatever the defaults of the database and the role.
const SESSION: &str = "SET synchronous_commit = 'on'; SET statement_timeout = 0";

/// What a run of [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Applied by this run, such as `V1__messages`.
    pub applied: Vec<String>,
    /// The version of the schema now.
    pub version: i32,
    /// The predecessor's table was there, and is ours now.
    pub adopted: Option<Adoption>,
}

/// How to migrate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrateOptions {
    /// How long to wait for a server that is not up yet, and for another
    /// migrator. With zero, each is tried once.
    pub wait: Duration,
    /// The time zone that the predecessor's times are in, by its IANA name.
    pub legacy_timezone: String,
}

impl MigrateOptions {
    /// The predecessor's times are in UTC.
    #[must_use]
    pub fn new(wait: Duration) -> Self {
        Self { wait, legacy_timezone: "UTC".to_owned() }
    }
}

/// The newest version that this program knows.
#[must_use]
pub fn newest() -> i32 {
    runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
}

/// The SQL of every migration, in order. A test that keeps a migrated database
/// as a template tells by it whether the template is still the right one.
#[must_use]
pub fn scripts() -> Vec<String> {
    let runner = runner();
    let mut migrations: Vec<_> = runner.get_migrations().iter().collect();
    migrations.sort_by_key(|migration| migration.version());
    migrations.iter().filter_map(|migration| migration.sql().map(str::to_owned)).collect()
}

/// Applies the missing migrations, with [`MigrateOptions::new`].
///
/// # Errors
/// As [`migrate_with`].
pub async fn migrate(config: &PgConfig, wait: Duration) -> Result<Report, MigrateError> {
    migrate_with(config, &MigrateOptions::new(wait)).await
}

/// Applies the missing migrations: all of them in one transaction where there
/// are none yet, later each in one of its own.
///
/// A table `messages` of the predecessor is taken over with its rows; one that
/// cannot be is refused with all reasons at once, before anything is changed.
///
/// Safe to run from many processes at once: one works, the others wait for it
/// and then find nothing left to do. A server that is not up yet is waited for
/// as well; both together at most as long as the options say.
///
/// # Errors
/// [`MigrateError`]; what was applied before the error stays.
pub async fn migrate_with(
    config: &PgConfig,
    options: &MigrateOptions,
) -> Result<Report, MigrateError> {
    let mut patience = Patience::new(options.wait);
    let mut connection = connection::open(config, &mut patience).await?;
    let client = &mut connection.client;
    lock::acquire(client, &mut patience).await?;
    client.batch_execute(SESSION).await?;
    // The lock ends with the session.
    if status::is_new(client).await? {
        return first_run::run(client, options).await;
    }
    let report = runner().run_async(client).await?;
    Ok(Report { applied: names(&report), version: newest(), adopted: None })
}

/// What a first run would find, and changes nothing. None: it is not the first,
/// so that no table is taken over any more.
///
/// # Errors
/// [`MigrateError`]: the database cannot be reached or read.
pub async fn inspect(
    config: &PgConfig,
    options: &MigrateOptions,
) -> Result<Option<Preflight>, MigrateError> {
    let mut connection = connection::open(config, &mut Patience::new(options.wait)).await?;
    let client = &mut connection.client;
    client.batch_execute(SESSION).await?;
    if !status::is_new(client).await? {
        return Ok(None);
    }
    preflight::look(client, &options.legacy_timezone).await.map(Some)
}

fn names(report: &refinery::Report) -> Vec<String> {
    report.applied_migrations().iter().map(ToString::to_string).collect()
}

/// Whether the schema is the one that this program was built for.
///
/// # Errors
/// [`SchemaError`] tells what is wrong, and what to do about it.
pub async fn check(db: &Db) -> Result<(), SchemaError> {
    let tx = db.begin().await?;
    let found = tx.query_opt(&format!("SELECT max(version) FROM {HISTORY}"), &[]).await;
    let found = match found {
        Ok(row) => row.and_then(|row| row.get::<_, Option<i32>>(0)).unwrap_or(0),
        Err(error) if is_undefined_table(&error) => 0,
        Err(error) => return Err(error.into()),
    };
    drop(tx);
    let needed = newest();
    match found {
        0 => Err(SchemaError::NotMigrated { needed }),
        found if found < needed => Err(SchemaError::Older { found, needed }),
        found if found > needed => Err(SchemaError::Newer { found, needed }),
        _ => Ok(()),
    }
}

fn runner() -> Runner {
    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name(HISTORY);
    runner
}

fn is_undefined_table(error: &dispatcher_domain::ports::StoreError) -> bool {
    server_error(error).is_some_and(|error| error.code == SqlState::UNDEFINED_TABLE.code())
}
