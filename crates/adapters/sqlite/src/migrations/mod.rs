//! Bringing the tables, and telling whether they are there.
//!
//! The migrations of `migrations` are embedded. [`migrate`] applies what
//! is missing; [`status`] tells what that would be, and [`plan`] shows it as
//! SQL; [`check`] tells a server whether it may run.

mod apply;
mod error;
mod history;
mod plan;

pub use dispatcher_schema::{FailedStatement, Fit, MigrationState, MigrationStatus, Schema};
pub use error::{MigrateError, SchemaError};
pub(crate) use history::HISTORY;
pub use plan::{Plan, plan};

use crate::{
    Db, FileError, OpenError, SqliteConfig, connection, error::is_missing_table, transaction::Tx,
};
use dispatcher_schema::{Migration, Misfit, asks};
use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// What a run of [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Applied by this run, such as `V1__messages`.
    pub applied: Vec<String>,
    /// The version of the schema now.
    pub version: i32,
}

/// The newest version that this program knows.
#[must_use]
pub fn newest() -> i32 {
    known().last().map_or(0, |migration| migration.version)
}

/// Applies the missing migrations, all in one transaction, and makes the file
/// if there is none; its directory must be there.
///
/// Safe to run from many processes at once, and beside programs that use the
/// file: one works, the others wait for it, at most `wait`, and then find
/// nothing left to do.
///
/// # Errors
/// [`MigrateError`]; then the tables are as they were.
pub async fn migrate(config: &SqliteConfig, wait: Duration) -> Result<Report, MigrateError> {
    blocking(config, move |config| migrate_now(config, wait)).await
}

fn migrate_now(config: &SqliteConfig, wait: Duration) -> Result<Report, MigrateError> {
    let refused = |error| FileError::new(&config.path, &error);
    let config = &SqliteConfig { timeout: wait, ..config.clone() };
    let mut connection = connection::creator(config)?;
    let tx =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
    refuse_foreign_table(&tx, config)?;
    let schema = history::read(&tx).map_err(refused)?;
    schema.check()?;
    let pending = pending(&schema);
    apply::apply(&tx, config, &pending)?;
    tx.commit().map_err(refused)?;
    // Not possible in a transaction. SQLite does not wait here for another run
    // that does the same; whoever opens the file to write asks again.
    match connection::keep_a_log(&connection).map_err(refused) {
        Ok(_) | Err(FileError::Busy { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let applied = pending.iter().map(Migration::name).collect();
    Ok(Report { applied, version: newest() })
}

/// All migrations that the file has or this program knows. Changes nothing. A
/// file that is busy is waited for, at most `wait`. None: there is no file, and
/// none is made.
///
/// # Errors
/// [`MigrateError`]: the file cannot be read. That it is newer, or differs, is
/// none: [`Schema::check`] tells.
pub async fn status(config: &SqliteConfig, wait: Duration) -> Result<Option<Schema>, MigrateError> {
    let config = SqliteConfig { timeout: wait, ..config.clone() };
    blocking(&config, status_now).await
}

fn status_now(config: &SqliteConfig) -> Result<Option<Schema>, MigrateError> {
    match connection::reader(config) {
        Ok(connection) => {
            let schema = history::read(&connection);
            Ok(Some(schema.map_err(|error| FileError::new(&config.path, &error))?))
        }
        Err(OpenError::NoDatabase { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What there is where there is no file.
#[must_use]
pub fn nothing() -> Schema {
    Schema::compare(&known(), vec![])
}

/// Whether this program may work on the schema: it is the one that it was built
/// for, or later migrations have only added to that.
///
/// # Errors
/// [`SchemaError`] tells what is wrong, and what to do about it.
pub async fn check(db: &Db) -> Result<Fit, SchemaError> {
    let (path, needed) = (db.path().to_owned(), newest());
    let numbers = db.read(move |tx| {
        let found = number(tx, &format!("SELECT max(version) FROM {HISTORY}"));
        let found = match found {
            Err(error) if is_missing_table(&error) => 0,
            found => found?,
        };
        let asks = if found > needed { number(tx, &asks(HISTORY, needed))? } else { 0 };
        Ok((found, asks))
    });
    let (found, asks) = numbers.await?;
    Fit::of(found, needed, asks).map_err(|misfit| match misfit {
        Misfit::NotMigrated => SchemaError::NotMigrated { path, needed },
        Misfit::Older => SchemaError::Older { path, found, needed },
        Misfit::Newer => SchemaError::Newer { path, found, needed },
    })
}

fn number(tx: &Tx<'_>, query: &str) -> rusqlite::Result<i32> {
    let number = tx.query_row(query, [], |row| row.get::<_, Option<i32>>(0))?;
    Ok(number.unwrap_or(0))
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

/// A table `messages` that is not ours must not be touched half-way.
fn refuse_foreign_table(sql: &Connection, config: &SqliteConfig) -> Result<(), MigrateError> {
    let query = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'messages') \
                 AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'dispatcher_schema_history')";
    let foreign: bool = sql
        .query_row(query, [], |row| row.get(0))
        .map_err(|error| FileError::new(&config.path, &error))?;
    if foreign { Err(MigrateError::ForeignTable { path: config.path.clone() }) } else { Ok(()) }
}

async fn blocking<T: Send + 'static>(
    config: &SqliteConfig,
    work: impl FnOnce(&SqliteConfig) -> Result<T, MigrateError> + Send + 'static,
) -> Result<T, MigrateError> {
    let config = config.clone();
    let done = tokio::task::spawn_blocking(move || work(&config)).await;
    done.map_err(|error| OpenError::Thread(error.into()))?
}
