//! `completions`: a script that completes our command line in a shell.

use crate::Cli;
use clap::CommandFactory;
use clap_complete::Shell;

/// The script.
pub(crate) fn script(shell: Shell) -> String {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    // The generator panics where a script cannot be written: memory takes all.
    let mut script = vec![];
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
