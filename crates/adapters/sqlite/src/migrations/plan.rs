//! What a run would do now, as a script.

use super::{MigrateError, blocking, history, pending, refuse_foreign_table};
use crate::{FileError, OpenError, SqliteConfig, connection};
use dispatcher_schema::Schema;
use std::{fmt::Write, time::Duration};

/// What a run would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the file has.
    pub schema: Schema,
    /// Whether there is a file; a run makes one.
    pub has_file: bool,
    /// All of it as SQL, for any client that stops at the first error. None:
    /// there is nothing to do.
    pub sql: Option<String>,
}

/// Tells what [`migrate`](super::migrate) would run now. Changes nothing and
/// makes no file. A file that is busy is waited for, at most `wait`.
///
/// # Errors
/// [`MigrateError`]: the file cannot be read, or the run would be refused.
pub async fn plan(config: &SqliteConfig, wait: Duration) -> Result<Plan, MigrateError> {
    let config = SqliteConfig { timeout: wait, ..config.clone() };
    blocking(&config, plan_now).await
}

fn plan_now(config: &SqliteConfig) -> Result<Plan, MigrateError> {
    let (schema, has_file) = match connection::reader(config) {
        Ok(connection) => {
            refuse_foreign_table(&connection, config)?;
            let schema = history::read(&connection);
            (schema.map_err(|error| FileError::new(&config.path, &error))?, true)
        }
        Err(OpenError::NoDatabase { .. }) => (super::nothing(), false),
        Err(error) => return Err(error.into()),
    };
    schema.check()?;
    let sql = script(&schema);
    Ok(Plan { schema, has_file, sql })
}

fn script(schema: &Schema) -> Option<String> {
    let pending = pending(schema);
    if pending.is_empty() {
        return None;
    }
    let mut sql = format!(
        "-- From schema {} to {}: what message-dispatcher-migrate would run now on this file.\n\
         -- Run it with a client that stops at the first error: sqlite3 -bail FILE < SCRIPT\n\n\
         BEGIN IMMEDIATE;\n\n{};\n\n",
        schema.found(),
        schema.needed(),
        history::create()
    );
    for migration in &pending {
        // First, because it is unique: a script that is run twice fails here.
        let _ = write!(
            sql,
            "-- {} {}\n\n{};\n\n{}\n\n",
            migration.name(),
            "-".repeat(60),
            history::record(migration),
            migration.sql.trim_end()
        );
    }
    sql.push_str("COMMIT;\n\n-- The mode stays with the file.\nPRAGMA journal_mode = wal;\n");
    Some(sql)
}
