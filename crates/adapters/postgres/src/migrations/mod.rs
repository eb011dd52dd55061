//! Bringing the tables, and telling whether they are there.
//!
//! The migrations of `migrations` are embedded. [`migrate`] applies
//! what is missing; [`status`] tells what that would be, and [`plan`] shows it
//! as SQL; [`check`] tells a server whether it may run.

mod adoption;
mod apply;
mod connection;
mod error;
mod first_run;
mod history;
mod lock;
mod options;
mod patience;
mod plan;
mod preflight;

pub use adoption::Adoption;
pub use dispatcher_schema::{FailedStatement, Fit, MigrationState, MigrationStatus, Schema};
pub use error::{MigrateError, SchemaError};
pub use options::MigrateOptions;
pub use plan::{Plan, plan};
pub use preflight::{FoundTable, Preflight, Problem};

use crate::{Db, PgConfig, error::server_error, transaction::Transaction};
use apply::Applier;
use dispatcher_domain::ports::StoreError;
use dispatcher_schema::{Migration, Misfit, asks};
use history::HISTORY;
use patience::Patience;
use std::time::Duration;
use tokio_postgres::error::SqlState;

mod embedded {
    refinery::embed_migrations!("migrations");
}

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

/// The newest version that this program knows.
#[must_use]
pub fn newest() -> i32 {
    known().last().map_or(0, |migration| migration.version)
}

/// The SQL of every migration, in order. A test that keeps a migrated database
/// as a template tells by it whether the template is still the right one.
#[must_use]
pub fn scripts() -> Vec<String> {
    known().into_iter().map(|migration| migration.sql).collect()
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
/// as well, and so are sessions that use a table; all together about as long as
/// the options say.
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
    // The lock ends with the session.
    client.batch_execute(SESSION).await?;
    apply::set_up_session(client, options).await?;
    let schema = history::read(client).await?;
    schema.check()?;
    let applier = Applier { client, patience, options };
    if schema.is_new() { first_run::run(applier).await } else { later_run(applier, &schema).await }
}

/// Each migration by itself: what went well stays.
async fn later_run(mut applier: Applier<'_>, schema: &Schema) -> Result<Report, MigrateError> {
    let mut applied = vec![];
    for migration in pending(schema) {
        if let Err(error) = applier.apply(std::slice::from_ref(&migration)).await {
            return Err(error.after(applied));
        }
        applied.push(migration.name());
    }
    Ok(Report { applied, version: newest(), adopted: None })
}

/// All migrations that the database has or this program knows. Changes nothing.
/// A server that is not up yet is waited for, at most `wait`.
///
/// # Errors
/// [`MigrateError`]: the database cannot be reached or read. That it is newer,
/// or differs, is none: [`Schema::check`] tells.
pub async fn status(config: &PgConfig, wait: Duration) -> Result<Schema, MigrateError> {
    let connection = connection::open(config, &mut Patience::new(wait)).await?;
    history::read(&connection.client).await
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
    if !history::read(client).await?.is_new() {
        return Ok(None);
    }
    preflight::look(client, &options.legacy_timezone).await.map(Some)
}

/// Whether this program may work on the schema: it is the one that it was built
/// for, or later migrations have only added to that.
///
/// # Errors
/// [`SchemaError`] tells what is wrong, and what to do about it.
pub async fn check(db: &Db) -> Result<Fit, SchemaError> {
    let tx = db.begin().await?;
    let needed = newest();
    let found = number(&tx, &format!("SELECT max(version) FROM {HISTORY}")).await;
    let found = match found {
        Err(error) if is_undefined_table(&error) => 0,
        found => found?,
    };
    let asks = if found > needed { number(&tx, &asks(HISTORY, needed)).await? } else { 0 };
    Fit::of(found, needed, asks).map_err(|misfit| match misfit {
        Misfit::NotMigrated => SchemaError::NotMigrated { needed },
        Misfit::Older => SchemaError::Older { found, needed },
        Misfit::Newer => SchemaError::Newer { found, needed },
    })
}

async fn number(tx: &Transaction, sql: &str) -> Result<i32, StoreError> {
    let row = tx.query_opt(sql, &[]).await?;
    Ok(row.and_then(|row| row.get::<_, Option<i32>>(0)).unwrap_or(0))
}

/// All that this program knows, in order.
fn known() -> Vec<Migration> {
    let runner = embedded::migrations::runner();
    let migration = |embedded: &refinery::Migration| {
        let sql = embedded.sql().unwrap_or_default();
        Migration::new(embedded.version(), embedded.name(), embedded.checksum(), sql)
    };
    let mut known: Vec<_> = runner.get_migrations().iter().map(migration).collect();
    known.sort_by_key(|migration| migration.version);
    known
}

/// What `schema` lacks, in order.
fn pending(schema: &Schema) -> Vec<Migration> {
    let versions: Vec<i32> = schema.pending().map(|one| one.version).collect();
    known().into_iter().filter(|migration| versions.contains(&migration.version)).collect()
}

fn is_undefined_table(error: &StoreError) -> bool {
    server_error(error).is_some_and(|error| error.code == SqlState::UNDEFINED_TABLE.code())
}
