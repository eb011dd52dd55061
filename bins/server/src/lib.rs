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
mod healthcheck;
mod help;
mod http;
mod probe;
mod serve;
mod signals;
mod sources;
mod startup;
mod use_cases;
pub mod wiring;

pub use application::Application;
pub use cli::Cli;
pub use failure::Failure;

use cli::Command;

/// Does what the command line says.
///
/// # Errors
/// What went wrong, with the exit code that tells its kind.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run().await,
        Command::Dev(options) => dev::run(options).await,
        Command::Config(command) => config_check::run(&command),
        Command::Healthcheck(options) => healthcheck::run(options).await,
        Command::Completions(options) => completions::run(&options),
    }
}
