//! Our programs as children: read, signalled, waited for, and killed when forgotten.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

use dispatcher_testkit::process::{Program, Signal, Stream};

const LIMIT: Duration = Duration::from_secs(60);
const SIGTERM: i32 = 15;

fn shell(script: &str) -> Program {
    Program::spawn(Command::new("sh").args(["-c", script])).unwrap()
}

#[tokio::test]
async fn lines_of_both_streams_are_kept_apart() {
    let mut program = shell("echo one; echo two >&2");

    assert!(program.wait_for_exit(LIMIT).await.unwrap().success());

    assert_eq!(program.lines(Stream::Out), ["one"]);
    assert_eq!(program.lines(Stream::Err), ["two"]);
}

#[tokio::test]
async fn a_line_is_found_while_the_program_runs_and_a_signal_ends_it() {
    let mut program = shell("echo up at port 7; exec tail -f /dev/null");

    let line = program.wait_for_line("up at", LIMIT).await.unwrap();
    program.signal(Signal::Terminate).unwrap();

    assert_eq!(line, "up at port 7");
    assert_eq!(program.wait_for_exit(LIMIT).await.unwrap().signal(), Some(SIGTERM));
    assert!(program.signal(Signal::Kill).is_err(), "it has ended");
}

#[tokio::test]
async fn a_program_that_ends_without_the_line_says_what_it_printed() {
    let program = shell("echo cannot open the door");

    let error = program.wait_for_line("up at", LIMIT).await.unwrap_err().to_string();

    assert!(error.contains("ended without printing") && error.contains("open the door"), "{error}");
}

#[tokio::test]
async fn a_program_that_says_nothing_is_given_up_after_the_limit() {
    let mut program = shell("exec tail -f /dev/null");

    let line = program.wait_for_line("up at", Duration::from_millis(20)).await;
    let exit = program.wait_for_exit(Duration::from_millis(20)).await;

    assert!(line.unwrap_err().to_string().contains("did not print"));
    assert!(exit.unwrap_err().to_string().contains("still runs"));
}

#[test]
fn a_dropped_program_is_killed() {
    let program = shell("exec tail -f /dev/null");
    let pid = program.pid();

    drop(program);

    let alive = Command::new("sh").args(["-c", &format!("kill -0 {pid} 2>/dev/null")]).status();
    assert!(!alive.unwrap().success());
}
