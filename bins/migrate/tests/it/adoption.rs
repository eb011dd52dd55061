//! The database of a Go service is taken over, and the operator is told.

use crate::helpers::{Program, run};
use dispatcher_testkit::{
    TestDatabase, go_service,
    process::{self, Signal, Stream},
    wait_until,
};
use std::time::Duration;
use tokio_postgres::Client;

const LIMIT: Duration = Duration::from_secs(60);

/// A Go service's database after three runs of its migration: 30 samples.
async fn go_database() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    for _ in 0..3 {
        sql.batch_execute(go_service::MIGRATION).await.unwrap();
    }
    (database, sql)
}

fn spawn(program: &mut Program) -> process::Program {
    process::Program::spawn(&mut program.command).unwrap()
}

#[tokio::test]
async fn it_tells_what_was_taken_over_and_when_the_first_send_may_start() {
    let (database, sql) = go_database().await;
    let states = "UPDATE messages SET sent = TRUE WHERE id <= 5; \
                  UPDATE messages SET sent = NULL WHERE id = 6";
    sql.batch_execute(states).await.unwrap();
    let ended = run(&[], database.parts());
    ended.assert_code(0);
    for part in [
        "took over the table messages with 30 rows: 24 queued, 5 sent, 1 rejected (sent was NULL)",
        "; it was locked for ",
        "no send starts before 20",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
    assert!(ended.stderr.contains("taking over the table messages"), "{}", ended.stderr);
    assert!(!ended.text().contains("+90555"), "no phone number: {}", ended.text());
    let again = run(&[], database.parts());
    assert!(again.stdout.starts_with("nothing to do") && again.stdout.lines().count() == 1);
}

#[tokio::test]
async fn times_are_read_in_the_zone_of_the_setting_and_another_zone_of_the_database_is_told() {
    let (database, sql) = go_database().await;
    let name = &database.parts().dbname;
    let kolkata = format!(
        "ALTER DATABASE {name} SET TimeZone = 'Asia/Kolkata'; \
         UPDATE messages SET created_at = '2024-01-01 10:00:00.123456'"
    );
    sql.batch_execute(&kolkata).await.unwrap();
    let ended = Program::on(&[], database.parts()).env("LEGACY_TIMEZONE", "Europe/Istanbul").run();
    ended.assert_code(0);
    for part in ["read in Europe/Istanbul", "this database is Asia/Kolkata"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    let right = "SELECT count(*) FROM messages WHERE created_at = '2024-01-01T07:00:00.123456Z'";
    assert_eq!(sql.query_one(right, &[]).await.unwrap().get::<_, i64>(0), 30);
}

#[tokio::test]
async fn everything_in_the_way_is_listed_line_by_line() {
    let (database, sql) = go_database().await;
    let in_the_way = "CREATE VIEW recent AS SELECT created_at FROM messages; \
                      CREATE TABLE attempts (theirs integer)";
    sql.batch_execute(in_the_way).await.unwrap();
    let ended = run(&[], database.parts());
    ended.assert_code(1);
    let listed = ended.stderr.lines().filter(|line| line.starts_with("  - ")).count();
    assert_eq!((listed, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
}

#[tokio::test]
async fn the_status_of_a_go_database_tells_size_and_obstacles_and_changes_nothing() {
    let (database, sql) = go_database().await;
    let free = run(&["status"], database.parts());
    free.assert_code(0);
    assert!(free.stdout.contains("a table messages of 30 rows and "), "{}", free.stdout);
    sql.batch_execute("CREATE VIEW recent AS SELECT created_at FROM messages").await.unwrap();
    let blocked = run(&["status"], database.parts());
    blocked.assert_code(1);
    assert!(blocked.stdout.contains("in the way: the view recent uses"), "{}", blocked.stdout);
    sql.batch_execute("DROP VIEW recent").await.unwrap();
    let up = run(&[], database.parts());
    assert!(up.stdout.contains("took over the table messages with 30 rows"), "{}", up.stdout);
}

#[tokio::test]
async fn a_table_in_use_is_unavailable() {
    let (database, sql) = go_database().await;
    sql.batch_execute("BEGIN; SELECT FROM messages").await.unwrap();
    let ended = run(&["--wait", "0s", "--lock-timeout", "200ms"], database.parts());
    ended.assert_code(69);
    for part in ["still in use after 200ms (tried 1 times)", "stop the Go service", "\n  - process"]
    {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn two_processes_at_once_both_succeed_and_one_takes_it_over() {
    let (database, sql) = go_database().await;
    let mut programs = [(); 2].map(|()| Program::on(&[], database.parts()));
    let mut running = programs.each_mut().map(spawn);
    let mut printed = vec![];
    for program in &mut running {
        let status = program.wait_for_exit(LIMIT).await.unwrap();
        assert!(status.success(), "{:?}", program.lines(Stream::Err));
        printed.extend(program.lines(Stream::Out));
    }
    let count = |text: &str| printed.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!((count("took over"), count("nothing to do")), (1, 1), "{printed:?}");
    let queued = "SELECT count(*) FROM messages WHERE status = 'queued'";
    assert_eq!(sql.query_one(queued, &[]).await.unwrap().get::<_, i64>(0), 30);
}

/// The rewrite is done and not committed when it dies: another session's table
/// of the same name, not committed either, holds it up.
#[tokio::test]
async fn killed_in_the_middle_it_leaves_the_table_as_it_was_and_runs_again() {
    let (database, sql) = go_database().await;
    let other = database.client().await.unwrap();
    other.batch_execute("BEGIN; CREATE TABLE attempts ()").await.unwrap();
    let mut program = Program::on(&[], database.parts());
    let mut running = spawn(&mut program);
    let of_ours = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE '%CREATE TABLE attempts%' \
                     AND pid NOT IN (pg_backend_pid(), $1)";
    let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let sessions = async |waiting: &str| -> i64 {
        let query = format!("{of_ours} {waiting}");
        sql.query_one(&query, &[&pid]).await.unwrap().get(0)
    };
    let blocked = async || sessions("AND wait_event_type = 'Lock'").await == 1;
    wait_until("it has rewritten the table", LIMIT, blocked).await;

    running.signal(Signal::Kill).unwrap();
    running.wait_for_exit(LIMIT).await.unwrap();
    // The server notices by itself that nobody is there, and lets go of the table.
    let gone = async || sessions("").await == 0;
    wait_until("its session ends", LIMIT, gone).await;

    let as_it_was = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'messages'::regclass \
                     AND attnum > 0 AND NOT attisdropped";
    assert_eq!(sql.query_one(as_it_was, &[]).await.unwrap().get::<_, i64>(0), 5);
    other.batch_execute("ROLLBACK").await.unwrap();
    let ended = run(&[], database.parts());
    ended.assert_code(0);
    assert!(ended.stdout.contains("took over the table messages with 30 rows"), "{}", ended.stdout);
}
