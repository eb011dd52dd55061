//! The program from outside: arguments and variables in, exit code and texts out.

use super::LIMIT;
use dispatcher_testkit::process::{Program, Stream, clear_environment};
use std::{path::PathBuf, process::Command, sync::OnceLock};

/// Another server than the one that was built beside us.
static CHOSEN: OnceLock<PathBuf> = OnceLock::new();

/// Makes this the server of all stages of this process.
///
/// # Panics
/// When one was chosen before.
pub fn choose_server(path: PathBuf) {
    CHOSEN.set(path).expect("the server is chosen once, before the first replica");
}

/// The server: the one that was chosen, or else the one that cargo built beside
/// this program. A package's integration tests have its programs built.
pub fn server() -> PathBuf {
    CHOSEN.get().cloned().unwrap_or_else(|| beside_us("message-dispatcher-server"))
}

/// A program of the workspace. Cargo keeps test programs one folder deeper.
pub fn beside_us(name: &str) -> PathBuf {
    let ours = std::env::current_exe().expect("the place of this program");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let folders = ours.ancestors().skip(1).take(2).map(|folder| folder.join(&file));
    let mut there = folders.filter(|path| path.is_file());
    there.next().unwrap_or_else(|| panic!("no {file} beside {}: build it first", ours.display()))
}

/// A program that has ended: its exit code and what it printed.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Starts the program with these arguments and exactly these variables.
pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Program {
    let mut command = Command::new(server());
    clear_environment(command.args(arguments)).current_dir(std::env::temp_dir());
    command.envs(environment.iter().copied());
    Program::spawn(&mut command).expect("the server starts")
}

/// The same, to its end.
pub async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut program = start(arguments, environment);
    let code = program.wait_for_exit(LIMIT).await.expect("an end").code();
    let printed = |stream| program.lines(stream).join("\n");
    Ended { code, out: printed(Stream::Out), err: printed(Stream::Err) }
}
