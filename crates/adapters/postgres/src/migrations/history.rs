//! Where the applied migrations are written down.

use super::{MigrateError, known};
use dispatcher_schema::{AppliedMigration, Migration, Schema};
use tokio_postgres::{Client, error::SqlState};

/// The table of applied migrations.
pub(super) const HISTORY: &str = "dispatcher_schema_history";

/// Makes it where it is not there yet.
pub(super) fn create() -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {HISTORY} (\n    version    int4 PRIMARY KEY,\n    \
         name       varchar(255),\n    applied_on varchar(255),\n    checksum   varchar(255)\n)"
    )
}

/// Notes down that `migration` is applied.
pub(super) fn record(migration: &Migration) -> String {
    let Migration { version, title, checksum, .. } = migration;
    // The column is there since V5; what came before lets nobody stay.
    let (column, value) = match migration.works_with() {
        Some(oldest) => (", works_with", format!(", {oldest}")),
        None => ("", String::new()),
    };
    format!(
        "INSERT INTO {HISTORY} (version, name, applied_on, checksum{column}) \
         VALUES ({version}, '{title}', \
         to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
         '{checksum}'{value})"
    )
}

/// Holds what is written there against what we know.
pub(super) async fn read(client: &Client) -> Result<Schema, MigrateError> {
    let sql = format!(
        "SELECT version, coalesce(name, ''), coalesce(checksum, '') FROM {HISTORY} ORDER BY version"
    );
    let applied = match client.query_typed(&sql, &[]).await {
        Ok(rows) => rows
            .iter()
            .map(|row| {
                AppliedMigration::new(row.get(0), row.get::<_, &str>(1), row.get::<_, &str>(2))
            })
            .collect(),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => vec![],
        Err(error) => return Err(error.into()),
    };
    Ok(Schema::compare(&known(), applied))
}
