//! `cargo xtask mutants`: does some test notice when the rules are changed? Takes hours: not in CI.

use crate::cargo;
use crate::environment::has_program;

/// Changes the rules of `domain` and `app` one line at a time, and runs their tests. What to change and what
/// to leave alone is said in `.cargo/mutants.toml`.
pub(crate) fn run(args: &[String]) -> anyhow::Result<()> {
    if !has_program(PROGRAM) {
        cargo::run(&["install", "--locked", "cargo-mutants"])?;
    }
    let packages = ["--package", "dispatcher-domain", "--package", "dispatcher-app"];
    let mut command = cargo::command(&["mutants", "--output", "target"]);
    if !args.iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package")) {
        command.args(packages);
    }
    command.args(args);
    // Nobody looks into these programs.
    command.env("CARGO_PROFILE_TEST_DEBUG", "none");
    cargo::run_command(command)
}

const PROGRAM: &str = if cfg!(windows) { "cargo-mutants.exe" } else { "cargo-mutants" };
