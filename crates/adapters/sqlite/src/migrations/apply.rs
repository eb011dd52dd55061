//! Applying migrations: all of them, or nothing.

use super::{MigrateError, history};
use crate::{FileError, SqliteConfig};
use dispatcher_schema::{FailedStatement, Migration, Statement};
use rusqlite::{Error, Transaction};

/// Applies and notes down `migrations`. Dropping `tx` undoes it.
pub(super) fn apply(
    tx: &Transaction<'_>,
    config: &SqliteConfig,
    migrations: &[Migration],
) -> Result<(), MigrateError> {
    let refused = |error| FileError::new(&config.path, &error);
    tx.execute_batch(&history::create()).map_err(refused)?;
    for migration in migrations {
        for statement in migration.statements() {
            let failed = |error| failure(config, migration, statement, &error);
            tx.execute_batch(statement.sql).map_err(failed)?;
        }
        tx.execute_batch(&history::record(migration)).map_err(refused)?;
    }
    Ok(())
}

/// The file's fault, or the statement's.
fn failure(
    config: &SqliteConfig,
    migration: &Migration,
    Statement { line, sql }: Statement<'_>,
    error: &Error,
) -> MigrateError {
    match FileError::new(&config.path, error) {
        FileError::Other { message, .. } => MigrateError::Failed {
            source: Box::new(FailedStatement {
                migration: migration.name(),
                line: Some(line),
                statement: sql.to_owned(),
                code: error.sqlite_error().map(|error| format!("SQLite {}", error.extended_code)),
                message,
                detail: None,
                hint: None,
            }),
        },
        of_the_file => of_the_file.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::migrations::{history, known};
    use rusqlite::{Batch, Connection, fallible_iterator::FallibleIterator};

    /// SQLite itself is asked where a statement ends.
    #[test]
    fn each_statement_is_one_statement_of_sqlite() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&history::create()).unwrap();
        for migration in known() {
            for statement in migration.statements() {
                let mut batch = Batch::new(&connection, statement.sql);
                batch.next().unwrap().expect("not empty").raw_execute().unwrap();
                assert!(batch.next().unwrap().is_none(), "two: {}", statement.sql);
            }
        }
    }
}
