//! The script of a plan does what a run does.

use super::{adopt_in, go_database, shape};
use crate::{
    steps::{LIMIT, count},
    support,
};
use dispatcher_postgres::migrations::{
    MigrateError, MigrateOptions, migrate, newest, plan, status,
};
use dispatcher_schema::statements;
use dispatcher_testkit::TestDatabase;
use tokio_postgres::{Client, Error};

const ZONE: &str = "Europe/Istanbul";
const TIMES: &str = "SELECT count(*) FROM messages WHERE created_at = '2024-01-01T07:00:00Z'";

async fn script(database: &TestDatabase) -> Option<String> {
    let options = MigrateOptions { legacy_timezone: ZONE.into(), ..MigrateOptions::new(LIMIT) };
    plan(&support::config(database.parts()), &options).await.unwrap().sql
}

/// As any client does that stops at the first error.
async fn run(sql: &Client, script: &str) -> Result<(), Error> {
    for statement in statements(script) {
        sql.batch_execute(statement.sql).await?;
    }
    Ok(())
}

/// What the history says, less the times.
async fn history(sql: &Client) -> Vec<String> {
    let query = "SELECT concat_ws(' ', version, name, checksum) FROM dispatcher_schema_history";
    sql.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn of_a_go_database_it_makes_what_a_run_makes() {
    let (planned, go) = go_database().await;
    let (migrated, other) = go_database().await;
    for sql in [&go.sql, &other.sql] {
        sql.batch_execute("UPDATE messages SET created_at = '2024-01-01 10:00'").await.unwrap();
    }
    let before = shape(&go.sql).await;
    let script = script(&planned).await.unwrap();
    assert_eq!(shape(&go.sql).await, before, "a plan changes nothing");
    run(&go.sql, &script).await.unwrap();
    adopt_in(ZONE, &migrated).await.unwrap();
    assert_eq!(shape(&go.sql).await, shape(&other.sql).await);
    assert_eq!(history(&go.sql).await, history(&other.sql).await);
    assert_eq!((count(&go.sql, TIMES).await, count(&other.sql, TIMES).await), (10, 10));
    let held = "SELECT count(*) FROM dispatch_control WHERE throttled_until > now()";
    assert_eq!((count(&go.sql, held).await, count(&other.sql, held).await), (1, 1));
    assert!(status(&support::config(planned.parts()), LIMIT).await.unwrap().check().is_ok());
}

#[tokio::test]
async fn of_a_new_database_it_makes_what_a_run_makes_and_then_there_is_nothing_left() {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    let first = script(&database).await.unwrap();
    assert!(!first.contains("VACUUM"), "there is no table to take over");
    run(&sql, &first).await.unwrap();
    let migrated = support::migrated().await;
    assert_eq!(shape(&sql).await, shape(&migrated.client().await.unwrap()).await);
    assert_eq!(script(&database).await, None);
    let report = migrate(&support::config(database.parts()), LIMIT).await.unwrap();
    assert_eq!((report.applied, report.version), (vec![], newest()));
}

/// As a program left it that knew V3 and nothing later.
async fn at_v3() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    let first = script(&database).await.unwrap();
    let (until_v3, _) = first.split_once("-- V4__foreign_writers").unwrap();
    run(&sql, &format!("{until_v3} COMMIT;")).await.unwrap();
    (database, sql)
}

#[tokio::test]
async fn later_it_has_the_pending_ones_only_and_refuses_another_schema() {
    let (database, sql) = at_v3().await;
    let script = script(&database).await.unwrap();
    assert!(script.contains("V4__foreign_writers") && !script.contains("CREATE TABLE messages"));
    run(&sql, &script).await.unwrap();
    let migrated = support::migrated().await;
    assert_eq!(shape(&sql).await, shape(&migrated.client().await.unwrap()).await);
    let error = run(&sql, &script).await.unwrap_err();
    let text = error.as_db_error().unwrap().message();
    assert_eq!(text, "this script is for schema 3: make a new one");
}

#[tokio::test]
async fn beside_a_migrator_it_is_refused() {
    let database = TestDatabase::create().await.unwrap();
    let script = script(&database).await.unwrap();
    let other = database.client().await.unwrap();
    other.execute("SELECT pg_advisory_lock(x'4d444d49'::bigint)", &[]).await.unwrap();
    let sql = database.client().await.unwrap();
    let error = run(&sql, &script).await.unwrap_err();
    assert!(error.as_db_error().unwrap().message().contains("another migration runs"));
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_run_stands_in_the_way_of_its_plan() {
    let (database, go) = go_database().await;
    go.sql.batch_execute("CREATE VIEW recent AS SELECT created_at FROM messages").await.unwrap();
    let config = support::config(database.parts());
    let error = plan(&config, &MigrateOptions::new(LIMIT)).await.unwrap_err();
    assert!(matches!(error, MigrateError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn a_later_migration_that_fails_names_its_statement_and_changes_nothing() {
    let (database, sql) = at_v3().await;
    let theirs =
        "CREATE FUNCTION messages_foreign_update() RETURNS integer LANGUAGE sql AS 'SELECT 1'";
    sql.batch_execute(theirs).await.unwrap();
    let error = migrate(&support::config(database.parts()), LIMIT).await.unwrap_err();
    let MigrateError::Failed { applied, .. } = &error else { panic!("{error:?}") };
    assert!(applied.is_empty() && !error.is_transient());
    let statement = error.statement().unwrap();
    assert!(statement.statement.starts_with("CREATE FUNCTION messages_foreign_update()"));
    assert_eq!(statement.code.as_deref(), Some("SQLSTATE 42723"));
    let left = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'messages_foreign%'";
    assert_eq!((count(&sql, left).await, history(&sql).await.len()), (0, 3));
}

/// The server quotes the row that breaks a rule: it must not be repeated.
#[tokio::test]
async fn a_failure_that_quotes_a_row_keeps_the_row_to_itself() {
    let (database, go) = go_database().await;
    go.sql
        .batch_execute(
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS \
                 $$BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation', \
                     DETAIL = 'Failing row contains (+905551234567)'; END$$; \
             CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') \
                 EXECUTE FUNCTION no()",
        )
        .await
        .unwrap();
    let error = adopt_in(ZONE, &database).await.unwrap_err();
    assert!(error.statement().is_some() && !format!("{error:?}").contains("+9055"), "{error:?}");
}
