//! The Message Dispatcher service: settings in, a running service out.
//!
//! - [`Application`] is the service: build it, then run it until it is stopped.
//! - [`wiring`] is the only place that names adapters.
//! - `dev` brings an embedded store and a provider to play with; everything
//!   else is the production code.

mod application;
mod cli;
mod completions;
mod config_check;
mod dev;
mod failure;
mod files;
mod healthcheck;
mod help;
mod http;
mod manager;
mod probe;
mod reconcile;
mod serve;
mod signals;
mod sources;
mod startup;
mod use_cases;
pub mod wiring;

pub use application::Application;
pub use cli::Cli;
pub use failure::Failure;

use anyhow::Context;
use cli::Command;

/// Does what the command line says, on a runtime of its own.
///
/// # Errors
/// What went wrong, with the exit code that tells its kind.
pub fn run_to_end(cli: Cli) -> Result<(), Failure> {
    // Before all else: each part tells in its own words that it got no file.
    files::ensure_room()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime
        .context("the operating system gives no threads to work with")
        .map_err(Failure::unavailable)?;
    runtime.block_on(run(cli))
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run().await,
        Command::Dev(options) => dev::run(options).await,
        Command::Config(command) => config_check::run(&command),
        Command::Healthcheck(options) => healthcheck::run(options).await,
        Command::Reconcile(options) => reconcile::run(options).await,
        Command::Completions(options) => completions::run(&options),
    }
}
