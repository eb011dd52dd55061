//! Others at the table, and failures on the way.

use super::{adopt, go_database, shape};
use crate::{
    steps::{LIMIT, count, whole_text},
    support,
};
use dispatcher_postgres::migrations::{MigrateError, MigrateOptions, Report, migrate_with};
use dispatcher_testkit::{TestDatabase, wait_until};
use std::time::Duration;
use tokio_postgres::{error::SqlState, types::ToSql};

#[tokio::test]
async fn a_session_that_is_only_connected_is_no_obstacle() {
    let (database, go) = go_database().await;
    go.claim().await.unwrap();
    adopt(&database).await.unwrap().expect("taken over while it is connected");
    go.claim().await.expect("its connection still works");
}

#[tokio::test]
async fn a_table_in_use_is_left_alone_after_a_while_and_the_user_is_named() {
    let (database, go) = go_database().await;
    let before = shape(&go.sql).await;
    let other = database.client().await.unwrap();
    other
        .batch_execute("SET application_name = 'report'; BEGIN; SELECT FROM messages")
        .await
        .unwrap();
    let error = migrate_impatiently(&database, Duration::ZERO).await.unwrap_err();
    let MigrateError::InUse { by, tries: 1, .. } = &error else { panic!("{error:?}") };
    assert!(by.len() == 1 && by[0].contains("report, 127.0.0.1, idle in transaction"), "{by:?}");
    assert!(error.is_transient() && error.to_string().contains("stop the Go service"), "{error}");
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(shape(&go.sql).await, before);
    adopt(&database).await.unwrap().expect("now it can be");
}

async fn migrate_impatiently(
    database: &TestDatabase,
    wait: Duration,
) -> Result<Report, MigrateError> {
    let lock_timeout = Duration::from_millis(50);
    let options = MigrateOptions { lock_timeout, ..MigrateOptions::new(wait) };
    migrate_with(&support::config(database.parts()), &options).await
}

/// Between two tries whoever waits behind us gets on, and a table that is free
/// in the end is taken over.
#[tokio::test]
async fn a_table_in_use_is_tried_again_and_lets_others_pass_meanwhile() {
    let (database, go) = go_database().await;
    let other = database.client().await.unwrap();
    other.batch_execute("BEGIN; SELECT FROM messages").await.unwrap();
    let migration = migrate_impatiently(&database, LIMIT);
    let others = async {
        let waits =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'";
        let is_waiting = async || count(&go.sql, waits).await > 0;
        wait_until("it wants the table", LIMIT, is_waiting).await;
        go.sql.batch_execute("SET lock_timeout = '10s'").await.unwrap();
        go.claim().await.expect("it gives up before the writer does");
        other.batch_execute("COMMIT").await.unwrap();
    };
    let (report, ()) = tokio::join!(migration, others);
    assert!(report.unwrap().adopted.is_some());
}

#[tokio::test]
async fn a_failure_at_the_very_end_leaves_the_table_as_it_was() {
    let (database, go) = go_database().await;
    let rows = "SELECT count(*) FROM messages WHERE NOT sent AND created_at < now()";
    go.sql
        .batch_execute(
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS \
                 $$BEGIN RAISE EXCEPTION 'not today'; END$$; \
             CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') \
                 EXECUTE FUNCTION no()",
        )
        .await
        .unwrap();
    let before = shape(&go.sql).await;
    let error = adopt(&database).await.unwrap_err();
    assert!(matches!(error, MigrateError::Undone { .. }), "{error:?}");
    let statement = error.statement().unwrap();
    assert_eq!((statement.migration.as_str(), statement.line), ("V4__foreign_writers", Some(19)));
    assert!(statement.statement.starts_with("CREATE TRIGGER messages_foreign_insert BEFORE"));
    assert!(whole_text(&error).contains("not today") && error.applied().is_empty(), "{error:?}");
    assert_eq!(shape(&go.sql).await, before);
    assert_eq!((count(&go.sql, rows).await, go.claim().await.unwrap().len()), (10, 2));
    go.sql.batch_execute("DROP EVENT TRIGGER no").await.unwrap();
    adopt(&database).await.unwrap().expect("now it can be");
}

#[tokio::test]
async fn of_the_statements_that_live_sessions_prepared_only_one_that_returns_the_id_fails() {
    let (database, go) = go_database().await;
    let insert = "INSERT INTO messages (phone_number, content) VALUES ($1, $2)";
    let returning = format!("{insert} RETURNING id");
    let plain = go.sql.prepare(insert).await.unwrap();
    let with_id = go.sql.prepare(&returning).await.unwrap();
    let mark = "UPDATE messages SET sent = TRUE WHERE id = $1 AND sent = FALSE";
    let mark = go.sql.prepare(mark).await.unwrap();
    adopt(&database).await.unwrap();
    let row: [&(dyn ToSql + Sync); 2] = [&"+905551234567", &"x"];
    assert_eq!(go.sql.execute(&plain, &row).await.unwrap(), 1);
    assert_eq!(go.sql.execute(&mark, &[&1_i32]).await.unwrap(), 1);
    let error = go.sql.query(&with_id, &row).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::FEATURE_NOT_SUPPORTED), "{error}");
    let again = go.sql.prepare(&returning).await.unwrap();
    assert_eq!(go.sql.query_one(&again, &row).await.unwrap().get::<_, i64>(0), 12);
}
