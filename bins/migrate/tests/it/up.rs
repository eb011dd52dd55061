//! It applies what is missing, once.

use crate::helpers::{Program, run};
use dispatcher_testkit::{TestDatabase, process, process::Stream};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);

fn applied(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|line| line.starts_with("applied V")).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn an_empty_database_gets_every_migration_and_each_is_named() {
    let database = TestDatabase::create().await.unwrap();
    let ended = run(&[], database.parts());
    ended.assert_code(0);
    let lines = lines(&ended.stdout);
    assert_eq!(lines[0], "applied V1__predecessor");
    let count = applied(&lines).len();
    assert_eq!(lines.last().unwrap(), &format!("the schema is at version {count}"));
    let sql = database.client().await.unwrap();
    sql.query("SELECT id, status FROM messages", &[]).await.expect("the table is there");
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do_and_succeeds() {
    let database = TestDatabase::create().await.unwrap();
    run(&["up"], database.parts()).assert_code(0);
    let ended = run(&["up"], database.parts());
    ended.assert_code(0);
    assert!(
        ended.stdout.starts_with("nothing to do: the schema is at version "),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.stdout.lines().count(), 1);
}

#[tokio::test]
async fn two_processes_at_once_both_succeed_and_each_migration_is_applied_once() {
    let database = TestDatabase::create().await.unwrap();
    let mut programs = [(); 2].map(|()| Program::on(&[], database.parts()));
    let spawn = |program: &mut Program| process::Program::spawn(&mut program.command).unwrap();
    let mut running = programs.each_mut().map(spawn);
    let mut printed = vec![];
    for program in &mut running {
        let status = program.wait_for_exit(LIMIT).await.unwrap();
        assert!(status.success(), "{:?}", program.lines(Stream::Err));
        printed.extend(program.lines(Stream::Out));
    }
    let mut once = applied(&printed);
    once.sort();
    once.dedup();
    assert!(!once.is_empty() && once.len() == applied(&printed).len(), "{printed:?}");
}

#[tokio::test]
async fn a_database_named_by_a_url_is_found_too() {
    let database = TestDatabase::create().await.unwrap();
    let ended = Program::new(&[]).env("DATABASE_URL", &database.url()).run();
    ended.assert_code(0);
    assert!(!ended.text().contains(&database.parts().password), "{}", ended.text());
}

#[tokio::test]
async fn the_status_tells_what_is_pending_and_then_what_is_applied() {
    let database = TestDatabase::create().await.unwrap();
    let before = run(&["status"], database.parts());
    before.assert_code(0);
    assert!(before.stdout.starts_with("pending  V1__predecessor\n"), "{}", before.stdout);
    assert!(!before.stdout.contains("applied"), "{}", before.stdout);
    run(&[], database.parts()).assert_code(0);
    let after = run(&["status"], database.parts());
    after.assert_code(0);
    assert!(after.stdout.starts_with("applied  V1__predecessor\n"), "{}", after.stdout);
    assert!(after.stdout.ends_with("\n0 pending\n"), "{}", after.stdout);
}
