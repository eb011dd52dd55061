//! Bringing the tables, and telling whether they are there.
//!
//! The migrations of `migrations/sqlite` are embedded. [`migrate`] applies what
//! is missing; [`status`] tells what that would be; [`check`] tells a server
//! whether it may run.

mod error;
mod history;
mod status;

pub use error::{MigrateError, SchemaError};
pub use status::{MigrationState, MigrationStatus, status};

use crate::{Db, FileError, OpenError, SqliteConfig, connection, error::is_missing_table};
use history::History;
use refinery::Runner;
use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;

mod embedded {
    refinery::embed_migrations!("../../../migrations/sqlite");
}

/// Where the applied migrations are written down.
pub(crate) const HISTORY: &str = "dispatcher_schema_history";

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
    runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
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
    let report = runner().run(&mut History(&tx))?;
    tx.commit().map_err(refused)?;
    // Not possible in a transaction. SQLite does not wait here for another run
    // that does the same; whoever opens the file to write asks again.
    match connection::keep_a_log(&connection).map_err(refused) {
        Ok(_) | Err(FileError::Busy { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let applied = report.applied_migrations().iter().map(ToString::to_string).collect();
    Ok(Report { applied, version: newest() })
}

/// Whether the schema is the one that this program was built for.
///
/// # Errors
/// [`SchemaError`] tells what is wrong, and what to do about it.
pub async fn check(db: &Db) -> Result<(), SchemaError> {
    let path = db.path().to_owned();
    let found = db.read(|tx| {
        let sql = format!("SELECT max(version) FROM {HISTORY}");
        match tx.query_row(&sql, [], |row| row.get::<_, Option<i32>>(0)) {
            Ok(version) => Ok(version.unwrap_or(0)),
            Err(error) if is_missing_table(&error) => Ok(0),
            Err(error) => Err(error),
        }
    });
    let (found, needed) = (found.await?, newest());
    match found {
        0 => Err(SchemaError::NotMigrated { path, needed }),
        found if found < needed => Err(SchemaError::Older { path, found, needed }),
        found if found > needed => Err(SchemaError::Newer { path, found, needed }),
        _ => Ok(()),
    }
}

fn runner() -> Runner {
    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name(HISTORY);
    runner
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
