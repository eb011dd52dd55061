//! An SMS provider to test against. See the library for what it does.

use clap::Parser;
use dispatcher_mock_provider::cli::{Cli, run};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run(Cli::parse()).await
}
