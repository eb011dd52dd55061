//! Brings the database of Message Dispatcher up to date. See the library.

use clap::Parser;
use dispatcher_migrate::{Cli, run, usage};
use dispatcher_settings::Sources;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let code = match Cli::try_parse() {
        Ok(cli) => run(cli, Sources::of_this_process()).await,
        Err(message) => usage(&message),
    };
    ExitCode::from(code)
}
