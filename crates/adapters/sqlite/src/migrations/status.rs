//! Which migrations a database has, and which it lacks.

use super::{HISTORY, MigrateError, blocking, runner};
use crate::{FileError, OpenError, SqliteConfig, connection, error::is_missing_table};
use rusqlite::Connection;
use std::{collections::BTreeMap, time::Duration};

/// One migration, and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i32,
    /// Its name, such as `V1__messages`.
    pub name: String,
    /// Whether the database has it.
    pub state: MigrationState,
}

/// Whether the database has a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrationState {
    /// Yes.
    Applied,
    /// Not yet.
    Pending,
    /// Yes, but this program does not know it: a newer one made it.
    Unknown,
}

/// All migrations that the database has or this program knows, in order.
/// Changes nothing and makes no file: where there is none, all are pending. A
/// file that is busy is waited for, at most `wait`.
///
/// # Errors
/// [`MigrateError`]: the file cannot be read.
pub async fn status(
    config: &SqliteConfig,
    wait: Duration,
) -> Result<Vec<MigrationStatus>, MigrateError> {
    let config = SqliteConfig { timeout: wait, ..config.clone() };
    blocking(&config, status_now).await
}

fn status_now(config: &SqliteConfig) -> Result<Vec<MigrationStatus>, MigrateError> {
    let mut all = known();
    let applied = match connection::reader(config) {
        Ok(connection) => {
            applied(&connection).map_err(|error| FileError::new(&config.path, &error))?
        }
        Err(OpenError::NoDatabase { .. }) => vec![],
        Err(error) => return Err(error.into()),
    };
    for (version, name) in applied {
        let state = |known: &mut MigrationStatus| known.state = MigrationState::Applied;
        all.entry(version).and_modify(state).or_insert(MigrationStatus {
            version,
            name: format!("V{version}__{name}"),
            state: MigrationState::Unknown,
        });
    }
    Ok(all.into_values().collect())
}

fn known() -> BTreeMap<i32, MigrationStatus> {
    let migrations = runner().get_migrations().clone();
    let pending = |migration: refinery::Migration| MigrationStatus {
        version: migration.version(),
        name: migration.to_string(),
        state: MigrationState::Pending,
    };
    migrations.into_iter().map(pending).map(|status| (status.version, status)).collect()
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<(i32, String)>> {
    let sql = format!("SELECT version, name FROM {HISTORY} ORDER BY version");
    let mut statement = match connection.prepare(&sql) {
        Err(error) if is_missing_table(&error) => return Ok(vec![]),
        statement => statement?,
    };
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
