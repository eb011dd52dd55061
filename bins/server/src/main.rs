//! The program: reads its command line, runs, and answers with an exit code.

use clap::Parser;
use dispatcher_server::{Cli, Failure};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match dispatcher_server::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, error }) => {
            eprintln!("message-dispatcher-server: {error:#}");
            ExitCode::from(code)
        }
    }
}
