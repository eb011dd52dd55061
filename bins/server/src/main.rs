//! The program: reads its command line, runs, and answers with an exit code.

use clap::Parser;
use dispatcher_server::{Cli, Failure};
use dispatcher_wiring::exit;
use std::{
    io::{Write, stderr},
    process::ExitCode,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match dispatcher_server::run_to_end(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, error }) => {
            // Not `eprintln`: where nobody can hear, it panics.
            let _ = writeln!(stderr(), "message-dispatcher-server: {error:#}");
            ExitCode::from(code)
        }
    }
}

/// Help and version are no mistakes; what is one has clap's text and our code.
fn explain(error: &clap::Error) -> ExitCode {
    // Nobody may be reading.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS }
}
