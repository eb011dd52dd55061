//! `cargo xtask chaos`: campaigns against the delivery promises, with services at hand.

use crate::{cargo, services};

/// Builds the programs under test and the campaigns, and plays what `args` choose.
pub(crate) fn run(args: &[String]) -> anyhow::Result<()> {
    let postgres = services::prepare()?;
    // One build: the campaigns look for the server beside their own program.
    cargo::run(&["build", "--package", "dispatcher-server", "--package", "dispatcher-chaos"])?;
    let mut command = cargo::command(&["run", "--quiet", "--package", "dispatcher-chaos", "--"]);
    command.args(args);
    if let Some(url) = postgres.url() {
        command.env("TEST_DATABASE_URL", url);
    }
    cargo::run_command(command)
}
