//! Campaigns against the delivery promises: `cargo xtask chaos --campaign kill
//! --count 8400 --seed 7`.
//!
//! Each campaign plays many trials on the real programs and real servers, or on
//! the same code in virtual time, and presents a bill: what was sent, lost,
//! duplicated and parked, and every violation of a promise in a sentence. The
//! seed repeats what a campaign does; processes keep their own time.

mod campaign;
mod campaigns;
mod cli;
mod limit;
mod report;

use clap::Parser;
use cli::CommandLine;
use std::process::ExitCode;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    if command_line.list {
        campaigns::list();
        return ExitCode::SUCCESS;
    }
    match command_line.chosen() {
        Ok(chosen) => campaign::run_all(&chosen, &command_line).await,
        Err(error) => {
            eprintln!("{error:#}");
            // As of `sysexits.h`: wrongly asked.
            ExitCode::from(64)
        }
    }
}
