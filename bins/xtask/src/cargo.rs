//! Calls of cargo, always in the root of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::environment;

/// A cargo command in the root of the repository, by the very cargo that runs us.
pub(crate) fn command(args: &[&str]) -> Command {
    let cargo = environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(args).current_dir(root());
    command
}

/// Runs a cargo command to its end.
pub(crate) fn run(args: &[&str]) -> anyhow::Result<()> {
    run_command(command(args))
}

/// Runs a command to its end; a failure names the command.
pub(crate) fn run_command(mut command: Command) -> anyhow::Result<()> {
    let shown = shown(&command);
    println!("\n$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed ({status})");
    Ok(())
}

/// Where cargo puts what it builds: the parent of the folder that this program runs from.
pub(crate) fn target_directory() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("where this program lies is not known")?;
    let target = program.parent().and_then(Path::parent);
    target.map(Path::to_owned).context("this program lies in no target folder")
}

/// Makes sure a component of the toolchain is there: cargo's own message for a missing one is obscure.
pub(crate) fn require(subcommand: &str, component: &str) -> anyhow::Result<()> {
    let output = command(&[subcommand, "--version"]).output();
    let found = output.is_ok_and(|output| output.status.success());
    ensure!(found, "{component} is missing. Install it: rustup component add {component}");
    Ok(())
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
