//! Bringing the tables.

use crate::{
    steps::{LIMIT, whole_text},
    support,
};
use dispatcher_postgres::migrations::{MigrateError, MigrationState, migrate, newest, status};
use dispatcher_testkit::{PrivatePostgres, TestDatabase};
use std::{collections::BTreeSet, net::TcpListener, time::Duration};
use tokio::task::JoinSet;

async fn history(database: &TestDatabase) -> Vec<i32> {
    let sql = database.client().await.unwrap();
    let query = "SELECT version FROM dispatcher_schema_history ORDER BY version";
    sql.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn an_empty_database_gets_everything_in_order() {
    let database = TestDatabase::create().await.unwrap();
    let report = migrate(&support::config(database.parts()), LIMIT).await.unwrap();
    assert_eq!(report.applied.first().map(String::as_str), Some("V1__predecessor"));
    assert_eq!(report.applied.len(), usize::try_from(newest()).unwrap());
    assert_eq!(report.version, newest());
    assert_eq!(history(&database).await, (1..=newest()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do() {
    let database = TestDatabase::create().await.unwrap();
    let config = support::config(database.parts());
    migrate(&config, LIMIT).await.unwrap();
    let before = history(&database).await;
    let report = migrate(&config, LIMIT).await.unwrap();
    assert_eq!((report.applied, report.version), (vec![], newest()));
    assert_eq!(history(&database).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_at_once_all_succeed_and_each_migration_is_applied_once() {
    let database = TestDatabase::create().await.unwrap();
    let mut runs = JoinSet::new();
    for _ in 0..8 {
        let config = support::config(database.parts());
        runs.spawn(async move { migrate(&config, LIMIT).await.unwrap().applied });
    }
    let applied: Vec<String> = runs.join_all().await.into_iter().flatten().collect();
    let different: BTreeSet<&String> = applied.iter().collect();
    assert_eq!((applied.len(), different.len()), (history(&database).await.len(), applied.len()));
}

#[tokio::test]
async fn a_lock_held_elsewhere_is_waited_for_and_then_named() {
    let database = TestDatabase::create().await.unwrap();
    let other = database.client().await.unwrap();
    other.execute("SELECT pg_advisory_lock(x'4d444d49'::bigint)", &[]).await.unwrap();
    let wait = Duration::from_millis(300);
    let error = migrate(&support::config(database.parts()), wait).await.unwrap_err();
    assert!(matches!(error, MigrateError::Locked { waited } if waited == wait), "{error:?}");
    assert!(error.is_transient());
    other.execute("SELECT pg_advisory_unlock_all()", &[]).await.unwrap();
    migrate(&support::config(database.parts()), wait).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_an_error_that_does_not_repeat_it() {
    let database = TestDatabase::create().await.unwrap();
    let mut config = support::config(database.parts());
    config.password = "not-the-s3cret".to_owned();
    // Waiting would not help.
    let error = migrate(&config, Duration::MAX).await.unwrap_err();
    let text = whole_text(&error);
    assert!(!error.is_transient() && text.contains("password authentication failed"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_without_the_password() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = dispatcher_postgres::PgConfig::new("127.0.0.1", port, "db", "me", "s3cret");
    let error = migrate(&config, Duration::ZERO).await.unwrap_err();
    let text = whole_text(&error);
    assert!(error.is_transient() && text.contains("refused"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_not_up_yet_is_waited_for() {
    let server = PrivatePostgres::start().await.unwrap();
    server.stop_immediate().await.unwrap();
    let config = support::config(server.parts());
    let run = tokio::spawn(async move { migrate(&config, LIMIT).await });
    server.start_again().await.unwrap();
    assert_eq!(run.await.unwrap().unwrap().version, newest());
}

/// This server says yes before it has written: with its own default, what was
/// just reported would be gone.
#[tokio::test]
async fn what_is_reported_as_applied_survives_a_crash() {
    let server = PrivatePostgres::start().await.unwrap();
    let config = support::config(server.parts());
    migrate(&config, LIMIT).await.unwrap();
    server.stop_immediate().await.unwrap();
    server.start_again().await.unwrap();
    let schema = status(&config, LIMIT).await.unwrap();
    assert!(schema.found() == newest() && schema.check().is_ok(), "{schema:?}");
}

#[tokio::test]
async fn the_tables_of_a_newer_program_are_left_alone() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let newer = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
               VALUES (99, 'from_tomorrow', '2026-01-01T00:00:00Z', '1')";
    sql.batch_execute(newer).await.unwrap();
    let config = support::config(database.parts());
    let error = migrate(&config, LIMIT).await.unwrap_err();
    assert!(error.to_string().contains("schema 99, newer than"), "{error}");
    let schema = status(&config, LIMIT).await.unwrap();
    let last = schema.migrations().last().unwrap();
    assert_eq!((last.name.as_str(), last.state), ("V99__from_tomorrow", MigrationState::Unknown));
}

#[tokio::test]
async fn the_status_tells_what_is_applied_and_changes_nothing() {
    let database = TestDatabase::create().await.unwrap();
    let config = support::config(database.parts());
    let states = async || {
        let all = status(&config, LIMIT).await.unwrap();
        assert_eq!(all.migrations().len(), usize::try_from(newest()).unwrap());
        all.migrations().iter().map(|migration| migration.state).collect::<BTreeSet<_>>()
    };
    assert_eq!(states().await, BTreeSet::from([MigrationState::Pending]));
    assert_eq!(states().await, BTreeSet::from([MigrationState::Pending]), "nothing was changed");
    migrate(&config, LIMIT).await.unwrap();
    assert_eq!(states().await, BTreeSet::from([MigrationState::Applied]));
}
