//! `completions`: a script that completes our command line in a shell.

use crate::{Cli, Failure};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::{ErrorKind, Write};

/// Options of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsOptions {
    /// The shell that the script is for.
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(options: &CompletionsOptions) -> Result<(), Failure> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    // The generator panics where a script cannot be written: memory takes all.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, name, &mut script);
    match std::io::stdout().write_all(&script) {
        // Who reads may have seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unavailable(error)),
        _ => Ok(()),
    }
}
