//! Which migrations a database has, and which it lacks.

use super::{HISTORY, MigrateError, connection, patience::Patience, runner};
use crate::PgConfig;
use std::{collections::BTreeMap, time::Duration};
use tokio_postgres::error::SqlState;

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
/// Changes nothing. A server that is not up yet is waited for, at most `wait`.
///
/// # Errors
/// [`MigrateError`]: the database cannot be reached or read.
pub async fn status(
    config: &PgConfig,
    wait: Duration,
) -> Result<Vec<MigrationStatus>, MigrateError> {
    let connection = connection::open(config, &mut Patience::new(wait)).await?;
    let mut all = known();
    for (version, name) in applied(&connection.client).await? {
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

async fn applied(client: &tokio_postgres::Client) -> Result<Vec<(i32, String)>, MigrateError> {
    let sql = format!("SELECT version, name FROM {HISTORY} ORDER BY version");
    match client.query_typed(&sql, &[]).await {
        Ok(rows) => Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(vec![]),
        Err(error) => Err(error.into()),
    }
}

/// Whether no migration of ours was ever applied.
pub(super) async fn is_new(client: &tokio_postgres::Client) -> Result<bool, MigrateError> {
    Ok(applied(client).await?.is_empty())
}
