//! What a server is told about the tables it finds.

use crate::{steps::run, support::TestFile};
use dispatcher_sqlite::migrations::{Fit, SchemaError, check, newest};

async fn migrated_and_then(sql: &str) -> Result<Fit, SchemaError> {
    let file = TestFile::migrated().await;
    file.shell().execute_batch(sql).unwrap();
    check(&file.open()).await
}

#[tokio::test]
async fn an_empty_file_is_not_migrated() {
    let file = TestFile::nowhere();
    // SQLite's own idea of an empty database.
    std::fs::write(file.path(), "").unwrap();
    let error = check(&file.open()).await.unwrap_err();
    assert!(matches!(error, SchemaError::NotMigrated { needed, .. } if needed == newest()));
    assert!(!error.is_transient() && error.to_string().contains("message-dispatcher-migrate"));
    assert!(error.to_string().contains("messages.db"), "{error}");
}

#[tokio::test]
async fn a_history_without_entries_is_not_migrated_either() {
    let error = migrated_and_then("DELETE FROM dispatcher_schema_history").await.unwrap_err();
    assert!(matches!(error, SchemaError::NotMigrated { .. }), "{error:?}");
}

#[tokio::test]
async fn a_migrated_database_is_current() {
    migrated_and_then("").await.unwrap();
}

#[tokio::test]
async fn the_tables_of_an_older_program_are_older() {
    let sql = format!("DELETE FROM dispatcher_schema_history WHERE version = {}", newest());
    let error = migrated_and_then(&sql).await.unwrap_err();
    let expected = newest() - 1;
    assert!(matches!(error, SchemaError::Older { found, .. } if found == expected), "{error:?}");
}

#[tokio::test]
async fn the_tables_of_a_newer_program_are_newer() {
    let sql = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
               VALUES (99, 'from_tomorrow', '', '1')";
    let error = migrated_and_then(sql).await.unwrap_err();
    assert!(matches!(error, SchemaError::Newer { found: 99, .. }), "{error:?}");
}

/// As later migrations write themselves down: each says whom it lets stay.
fn add(version: i32, works_with: &str) -> String {
    format!(
        "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum, works_with) \
         VALUES ({version}, 'from_tomorrow', '', '1', {works_with});"
    )
}

#[tokio::test]
async fn tables_that_a_newer_program_has_only_added_to_let_this_one_stay() {
    let known = newest();
    let fit = migrated_and_then(&(add(98, &known.to_string()) + &add(99, "2"))).await.unwrap();
    assert_eq!(fit, Fit::AddedTo { found: 99, known });
}

#[tokio::test]
async fn one_newer_migration_that_lets_nobody_stay_is_enough_to_be_refused() {
    let sql = add(98, "NULL") + &add(99, &newest().to_string());
    let error = migrated_and_then(&sql).await.unwrap_err();
    assert!(matches!(error, SchemaError::Newer { found: 99, .. }), "{error:?}");
}

/// A server waits for a file that is busy, and not for one that is wrong.
#[tokio::test]
async fn a_file_that_turned_out_to_be_damaged_is_no_transient_error() {
    let file = TestFile::migrated().await;
    let db = file.open();
    let shell = file.shell();
    run(&shell, "DELETE FROM dispatch_control");
    shell.execute_batch("DROP TABLE dispatcher_schema_history").unwrap();
    shell.execute_batch("CREATE VIEW dispatcher_schema_history AS SELECT 'x' AS version").unwrap();
    let error = check(&db).await.unwrap_err();
    assert!(!error.is_transient(), "{error:?}");
}
