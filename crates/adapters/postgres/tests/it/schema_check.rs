//! What a server is told about the tables it finds.

use crate::{steps::whole_text, support};
use dispatcher_postgres::{
    Db,
    migrations::{Fit, SchemaError, check, newest},
};
use dispatcher_testkit::TestDatabase;

#[tokio::test]
async fn an_empty_database_is_not_migrated() {
    let database = TestDatabase::create().await.unwrap();
    let error = check(&support::pool(&database)).await.unwrap_err();
    assert!(matches!(error, SchemaError::NotMigrated { needed } if needed == newest()));
    assert!(!error.is_transient() && error.to_string().contains("message-dispatcher-migrate"));
}

#[tokio::test]
async fn a_history_without_entries_is_not_migrated_either() {
    let database = support::migrated().await;
    change(&database, "DELETE FROM dispatcher_schema_history").await;
    let error = check(&support::pool(&database)).await.unwrap_err();
    assert!(matches!(error, SchemaError::NotMigrated { .. }), "{error:?}");
}

#[tokio::test]
async fn a_migrated_database_is_current() {
    let database = support::migrated().await;
    check(&support::pool(&database)).await.unwrap();
}

#[tokio::test]
async fn the_tables_of_an_older_program_are_older() {
    let database = support::migrated().await;
    let sql = format!("DELETE FROM dispatcher_schema_history WHERE version = {}", newest());
    change(&database, &sql).await;
    let error = check(&support::pool(&database)).await.unwrap_err();
    let expected = newest() - 1;
    assert!(matches!(error, SchemaError::Older { found, .. } if found == expected), "{error:?}");
}

#[tokio::test]
async fn the_tables_of_a_newer_program_are_newer() {
    let database = support::migrated().await;
    let sql = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
               VALUES (99, 'from_tomorrow', '2026-01-01T00:00:00Z', '1')";
    change(&database, sql).await;
    let error = check(&support::pool(&database)).await.unwrap_err();
    assert!(matches!(error, SchemaError::Newer { found: 99, .. }), "{error:?}");
}

/// As later migrations write themselves down: each says whom it lets stay.
async fn add(database: &TestDatabase, version: i32, works_with: &str) {
    let sql = format!(
        "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum, works_with) \
         VALUES ({version}, 'from_tomorrow', '', '1', {works_with})"
    );
    change(database, &sql).await;
}

#[tokio::test]
async fn tables_that_a_newer_program_has_only_added_to_let_this_one_stay() {
    let database = support::migrated().await;
    let known = newest();
    add(&database, 98, &known.to_string()).await;
    add(&database, 99, "2").await;
    let fit = check(&support::pool(&database)).await.unwrap();
    assert_eq!(fit, Fit::AddedTo { found: 99, known });
}

#[tokio::test]
async fn one_newer_migration_that_lets_nobody_stay_is_enough_to_be_refused() {
    let database = support::migrated().await;
    add(&database, 98, "NULL").await;
    add(&database, 99, &newest().to_string()).await;
    let error = check(&support::pool(&database)).await.unwrap_err();
    assert!(matches!(error, SchemaError::Newer { found: 99, .. }), "{error:?}");
}

#[tokio::test]
async fn a_wrong_password_is_no_transient_error_and_is_not_shown() {
    let database = support::migrated().await;
    let mut config = support::config(database.parts());
    config.password = "not-the-s3cret".to_owned();
    let error = check(&Db::connect_lazily(&config).unwrap()).await.unwrap_err();
    let text = whole_text(&error);
    assert!(!error.is_transient() && text.contains("password authentication failed"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

async fn change(database: &TestDatabase, sql: &str) {
    database.client().await.unwrap().batch_execute(sql).await.unwrap();
}
