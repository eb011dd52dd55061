//! The same commands on a SQLite file.

use crate::helpers::{Ended, Program};
use dispatcher_testkit::process::{self, Stream};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);

struct File {
    _directory: TempDir,
    path: PathBuf,
}

impl File {
    /// None yet.
    fn nowhere() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("messages.db");
        Self { _directory: directory, path }
    }

    fn migrated() -> Self {
        let file = Self::nowhere();
        file.run(&[]).assert_code(0);
        file
    }

    fn program(&self, args: &[&str]) -> Program {
        let url = format!("sqlite://{}", self.path.display());
        Program::new(args).env("DATABASE_URL", &url)
    }

    fn run(&self, args: &[&str]) -> Ended {
        self.program(args).run()
    }

    fn shell(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }
}

#[test]
fn a_missing_file_is_made_by_up_and_by_nothing_else() {
    let file = File::nowhere();
    let status = file.run(&["status"]);
    status.assert_code(0);
    assert!(status.stdout.starts_with("pending  V1__messages\n"), "{}", status.stdout);
    assert!(status.stdout.ends_with("there is no file yet: message-dispatcher-migrate makes it\n"));
    let plan = file.run(&["plan"]);
    plan.assert_code(0);
    assert!(plan.stdout.contains("CREATE TABLE messages (") && plan.stderr.contains("no file yet"));
    let verify = file.run(&["verify"]);
    verify.assert_code(1);
    assert!(verify.stderr.contains("there is no file: run message-dispatcher-migrate"));
    let object = file.run(&["status", "--json"]).json();
    assert_eq!((&object["exists"], &object["first_run"]), (&json!(false), &Value::Null));
    assert_eq!(object["database"], json!({ "kind": "sqlite", "path": file.path.to_str() }));
    assert!(!file.path.exists());
    let up = file.run(&[]);
    up.assert_code(0);
    assert!(up.stdout.starts_with("applied V1__messages\n"), "{}", up.stdout);
    assert!(file.path.exists());
    file.run(&["verify"]).assert_code(0);
    assert!(file.run(&["up"]).stdout.starts_with("nothing to do: the schema is at version "));
    assert!(file.run(&["plan"]).stdout.starts_with("-- Nothing to do"));
}

#[test]
fn a_missing_directory_is_named_and_not_made() {
    let mut file = File::nowhere();
    file.path = file.path.with_file_name("deeper").join("messages.db");
    let ended = file.run(&["--json"]);
    ended.assert_code(1);
    let message = ended.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("there is no directory ") && message.contains("make it first"));
    assert!(!file.path.parent().unwrap().exists());
}

#[tokio::test]
async fn two_processes_at_once_both_succeed_and_each_migration_is_applied_once() {
    let file = File::nowhere();
    let mut programs = [(); 2].map(|()| file.program(&[]));
    let spawn = |program: &mut Program| process::Program::spawn(&mut program.command).unwrap();
    let mut running = programs.each_mut().map(spawn);
    let mut printed = vec![];
    for program in &mut running {
        let status = program.wait_for_exit(LIMIT).await.unwrap();
        assert!(status.success(), "{:?}", program.lines(Stream::Err));
        printed.extend(program.lines(Stream::Out));
    }
    let count = |text: &str| printed.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!((count("applied V1__"), count("nothing to do")), (1, 1), "{printed:?}");
}

#[test]
fn a_newer_file_is_refused_by_all() {
    let file = File::migrated();
    let newer = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
               VALUES (99, 'from_tomorrow', '', '1')";
    file.shell().execute_batch(newer).unwrap();
    for command in ["up", "status", "plan", "verify"] {
        let ended = file.run(&[command, "--json"]);
        ended.assert_code(1);
        assert_eq!(ended.json()["error"]["kind"], "newer", "{command}");
    }
}

#[test]
fn an_altered_migration_is_named_and_refused() {
    let file = File::migrated();
    let edit = "UPDATE dispatcher_schema_history SET checksum = '1' WHERE version = 2";
    file.shell().execute_batch(edit).unwrap();
    for command in ["up", "verify"] {
        let ended = file.run(&[command]);
        ended.assert_code(1);
        assert!(ended.stderr.contains("- V2__attempts was applied with another text"));
    }
}

#[test]
fn a_statement_that_fails_is_named_and_nothing_is_left() {
    let file = File::nowhere();
    file.shell().execute_batch("CREATE TABLE attempts (theirs)").unwrap();
    let ended = file.run(&["--json"]);
    ended.assert_code(1);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "statement");
    assert_eq!(error["statement"]["migration"], "V2__attempts");
    assert!(error["statement"]["sql"].as_str().unwrap().starts_with("CREATE TABLE attempts ("));
    assert!(error["statement"]["message"].as_str().unwrap().contains("already exists"));
    let tables: i64 =
        file.shell().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn the_table_of_somebody_else_is_in_the_way() {
    let file = File::nowhere();
    file.shell().execute_batch("CREATE TABLE messages (theirs)").unwrap();
    for command in ["up", "plan"] {
        let ended = file.run(&[command, "--json"]);
        ended.assert_code(1);
        assert_eq!(ended.json()["error"]["kind"], "in_the_way", "{command}");
    }
}

#[test]
fn a_file_that_another_program_writes_to_is_unavailable() {
    let file = File::nowhere();
    let other = file.shell();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let ended = file.run(&["--wait", "100ms"]);
    ended.assert_code(69);
    assert!(ended.stderr.contains("is locked by another program"), "{}", ended.stderr);
}

#[test]
fn no_database_and_a_directory_are_told_as_such() {
    let file = File::nowhere();
    std::fs::write(&file.path, "a text, and of more than a hundred bytes: ".repeat(9)).unwrap();
    let ended = file.run(&[]);
    ended.assert_code(1);
    assert!(ended.stderr.contains("is no SQLite database"), "{}", ended.stderr);
    let mut directory = File::nowhere();
    directory.path = directory.path.parent().unwrap().to_owned();
    let ended = directory.run(&[]);
    ended.assert_code(1);
    assert!(ended.stderr.contains("is a directory: name a file in it"), "{}", ended.stderr);
}

/// Permissions do not bind root, under whom containers test: this directory does.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let file = File { path: "/proc/messages.db".into(), ..File::nowhere() };
    let ended = file.run(&["--wait", "0s", "--json"]);
    ended.assert_code(1);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "other");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("/proc/messages.db cannot be opened: this user needs"), "{message}");
}
