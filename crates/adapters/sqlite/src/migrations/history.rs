//! Where the applied migrations are written down.

use super::known;
use crate::error::is_missing_table;
use dispatcher_schema::{AppliedMigration, Migration, Schema};
use rusqlite::Connection;

/// The table of applied migrations.
pub(crate) const HISTORY: &str = "dispatcher_schema_history";

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
         strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), \
         '{checksum}'{value})"
    )
}

/// Holds what is written there against what we know.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Schema> {
    Ok(Schema::compare(&known(), applied(connection)?))
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<AppliedMigration>> {
    // SQLite stores what it is given: texts are read from whatever is there.
    let sql = format!(
        "SELECT version, cast(coalesce(name, '') AS text), cast(coalesce(checksum, '') AS text) \
         FROM {HISTORY} ORDER BY version"
    );
    let mut statement = match connection.prepare(&sql) {
        Err(error) if is_missing_table(&error) => return Ok(vec![]),
        statement => statement?,
    };
    let rows = statement.query_map([], |row| {
        Ok(AppliedMigration::new(row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    rows.collect()
}
