//! The program from outside: arguments and variables in, exit code and texts out.

use super::LIMIT;
use dispatcher_testkit::process::{Program, Stream, clear_environment};
use std::process::Command;

/// A program that has ended: its exit code and what it printed.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Starts the program with these arguments and exactly these variables.
pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-server"));
    clear_environment(command.args(arguments)).current_dir(std::env::temp_dir());
    command.envs(environment.iter().copied());
    Program::spawn(&mut command).expect("the server starts")
}

/// The same, to its end.
pub(crate) async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut program = start(arguments, environment);
    let code = program.wait_for_exit(LIMIT).await.expect("an end").code();
    let printed = |stream| program.lines(stream).join("\n");
    Ended { code, out: printed(Stream::Out), err: printed(Stream::Err) }
}
