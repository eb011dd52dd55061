//! Bringing the tables.

use crate::{
    steps::{LIMIT, count, run, whole_text},
    support::TestFile,
};
use dispatcher_sqlite::{
    OpenError,
    migrations::{MigrateError, MigrationState, migrate, newest, nothing, plan, status},
};
use std::time::Duration;
use tokio::task::JoinSet;

async fn states(file: &TestFile) -> Vec<MigrationState> {
    let schema = status(&file.config(), Duration::ZERO).await.unwrap().unwrap_or_else(nothing);
    schema.migrations().iter().map(|migration| migration.state).collect()
}

#[tokio::test]
async fn a_new_file_gets_everything_in_order() {
    let file = TestFile::nowhere();
    let report = migrate(&file.config(), Duration::ZERO).await.unwrap();
    assert_eq!(report.applied.first().map(String::as_str), Some("V1__messages"));
    assert_eq!(report.applied.len(), usize::try_from(newest()).unwrap());
    assert_eq!(report.version, newest());
    let history = "SELECT count(*) FROM dispatcher_schema_history";
    assert_eq!(count(&file.shell(), history), i64::from(newest()));
    let mode: String = file.shell().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal", "for programs that come before the server, too");
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_and_one_that_was_opened_to_others_stays_so() {
    use std::{
        fs::{Permissions, metadata, set_permissions},
        os::unix::fs::PermissionsExt,
    };
    let file = TestFile::migrated().await;
    let mode =
        |name: &str| metadata(file.directory().join(name)).unwrap().permissions().mode() & 0o777;
    let db = file.open();
    assert_eq!([mode("messages.db"), mode("messages.db-wal")], [0o600, 0o600]);
    drop(db);
    set_permissions(file.path(), Permissions::from_mode(0o660)).unwrap();
    migrate(&file.config(), Duration::ZERO).await.unwrap();
    let _db = file.open();
    assert_eq!([mode("messages.db"), mode("messages.db-wal")], [0o660, 0o660]);
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do_beside_a_server_too() {
    let file = TestFile::migrated().await;
    let _db = file.open();
    let report = migrate(&file.config(), Duration::ZERO).await.unwrap();
    assert_eq!((report.applied, report.version), (vec![], newest()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_at_once_all_succeed_and_each_migration_is_applied_once() {
    // Often: what it looks for is a matter of moments.
    for _ in 0..10 {
        let file = TestFile::nowhere();
        let mut runs = JoinSet::new();
        for _ in 0..8 {
            let config = file.config();
            runs.spawn(async move { migrate(&config, LIMIT).await.unwrap().applied.len() });
        }
        let applied: usize = runs.join_all().await.into_iter().sum();
        assert_eq!(applied, usize::try_from(newest()).unwrap());
    }
}

#[tokio::test]
async fn a_file_held_by_another_program_is_named_and_can_be_waited_for() {
    let file = TestFile::nowhere();
    let other = file.shell();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = migrate(&file.config(), Duration::from_millis(100)).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(error.to_string().contains("messages.db is locked by another program"), "{error}");
    let waiting = tokio::spawn({
        let config = file.config();
        async move { migrate(&config, Duration::MAX).await }
    });
    other.execute_batch("ROLLBACK").unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_table_of_somebody_else_is_refused_and_left_as_it_is() {
    let file = TestFile::nowhere();
    let shell = file.shell();
    shell.execute_batch("CREATE TABLE messages (id integer PRIMARY KEY, sent)").unwrap();
    let error = migrate(&file.config(), Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, MigrateError::ForeignTable { .. }), "{error:?}");
    assert_eq!(count(&shell, "SELECT count(*) FROM sqlite_schema"), 1);
}

/// The third migration fails: its table is there already.
#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let file = TestFile::nowhere();
    let shell = file.shell();
    shell.execute_batch("CREATE TABLE dispatch_control (theirs)").unwrap();
    let error = migrate(&file.config(), Duration::ZERO).await.unwrap_err();
    let statement = error.statement().unwrap();
    assert_eq!((statement.migration.as_str(), statement.line), ("V3__dispatch_control", Some(4)));
    assert!(statement.statement.starts_with("CREATE TABLE dispatch_control ("));
    assert!(whole_text(&error).contains("table dispatch_control already exists"), "{error:?}");
    assert_eq!(count(&shell, "SELECT count(*) FROM sqlite_schema"), 1);
    assert!(states(&file).await.iter().all(|state| *state == MigrationState::Pending));
    shell.execute_batch("DROP TABLE dispatch_control").unwrap();
    migrate(&file.config(), Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_migration_that_was_changed_later_is_refused() {
    let file = TestFile::migrated().await;
    run(&file.shell(), "UPDATE dispatcher_schema_history SET checksum = 'x' WHERE version = 2");
    let error = migrate(&file.config(), Duration::ZERO).await.unwrap_err();
    assert!(whole_text(&error).contains("V2__attempts"), "{}", whole_text(&error));
    assert!(!error.is_transient());
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let file = TestFile::migrated().await;
    let newer = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
               VALUES (99, 'from_tomorrow', '', '1')";
    run(&file.shell(), newer);
    let error = migrate(&file.config(), Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains("schema 99, newer than"), "{error:?}");
    assert_eq!(states(&file).await.last(), Some(&MigrationState::Unknown));
}

#[tokio::test]
async fn the_status_tells_what_is_there_and_makes_nothing() {
    let file = TestFile::nowhere();
    assert!(states(&file).await.iter().all(|state| *state == MigrationState::Pending));
    assert!(!file.path().exists());
    migrate(&file.config(), Duration::ZERO).await.unwrap();
    assert!(states(&file).await.iter().all(|state| *state == MigrationState::Applied));
}

fn objects(file: &TestFile) -> Vec<String> {
    let shell = file.shell();
    let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
    let mut statement = shell.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_script_of_a_plan_does_what_a_run_does() {
    let file = TestFile::nowhere();
    let planned = plan(&file.config(), Duration::ZERO).await.unwrap();
    assert!(!planned.has_file && !file.path().exists(), "a plan makes nothing");
    let script = planned.sql.unwrap();
    file.shell().execute_batch(&script).unwrap();
    assert_eq!(objects(&file), objects(&TestFile::migrated().await));
    let again = plan(&file.config(), Duration::ZERO).await.unwrap();
    assert_eq!((again.has_file, again.sql), (true, None));
    let report = migrate(&file.config(), Duration::ZERO).await.unwrap();
    assert_eq!((report.applied, report.version), (vec![], newest()));
    let twice = file.shell().execute_batch(&script).unwrap_err().to_string();
    assert!(twice.contains("UNIQUE constraint failed: dispatcher_schema_history"), "{twice}");
}

#[tokio::test]
async fn a_plan_for_a_table_of_somebody_else_is_refused() {
    let file = TestFile::nowhere();
    file.shell().execute_batch("CREATE TABLE messages (theirs)").unwrap();
    let error = plan(&file.config(), Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, MigrateError::ForeignTable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let mut config = TestFile::nowhere().config();
    config.path = config.path.with_file_name("nowhere").join("messages.db");
    let error = migrate(&config, Duration::ZERO).await.unwrap_err();
    let MigrateError::Open(OpenError::NoDirectory { directory, .. }) = &error else {
        panic!("{error:?}")
    };
    assert!(error.to_string().contains(&*directory.to_string_lossy()), "{error}");
}
