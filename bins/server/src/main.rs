//! The program: reads its command line, runs, and answers with an exit code.

use clap::Parser;
use dispatcher_server::{Cli, Failure};
use dispatcher_wiring::exit;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match dispatcher_server::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, error }) => {
            eprintln!("message-dispatcher-server: {error:#}");
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
