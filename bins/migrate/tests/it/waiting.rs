//! It waits for what may come right by itself, and not for ever.

use crate::helpers::{Program, run};
use dispatcher_testkit::{PrivatePostgres, TestDatabase, process};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);

#[tokio::test]
async fn a_server_that_is_not_up_yet_is_waited_for() {
    let server = PrivatePostgres::start().await.unwrap();
    server.stop_immediate().await.unwrap();
    let mut program = Program::on(&["--wait", "10m"], server.parts());
    let mut running = process::Program::spawn(&mut program.command).unwrap();
    running.wait_for_line("not there yet", LIMIT).await.unwrap();

    server.start_again().await.unwrap();

    let status = running.wait_for_exit(LIMIT).await.unwrap();
    assert!(status.success(), "{:?}", running.lines(process::Stream::Err));
    let waits = running.lines(process::Stream::Err);
    let waits = waits.iter().filter(|line| line.contains("not there yet")).count();
    assert_eq!(waits, 1, "said once, not at every look");
}

#[tokio::test]
async fn another_migration_that_runs_too_long_is_unavailable() {
    let database = TestDatabase::create().await.unwrap();
    let other = database.client().await.unwrap();
    other.execute("SELECT pg_advisory_lock(x'4d444d49'::bigint)", &[]).await.unwrap();
    let ended = run(&["--wait", "100ms"], database.parts());
    ended.assert_code(69);
    assert!(ended.stderr.contains("another migration still runs"), "{}", ended.stderr);
}
