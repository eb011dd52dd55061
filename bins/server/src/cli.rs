//! The command line.

use clap::{Args, Parser, Subcommand};
use dispatcher_wiring::version;
use std::path::PathBuf;

/// Sends SMS messages from a queue in PostgreSQL, in order, at a set pace:
/// none lost, none twice.
#[derive(Debug, Parser)]
#[command(name = "message-dispatcher-server", version = version::long(), after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const AFTER: &str = "\
Settings come from environment variables, and from a file .env in the working
directory for those that the environment does not set. The most important:

  DATABASE_URL         or DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD
  SMS_API_URL          where to POST messages, with SMS_API_TOKEN
  PROCESSING_INTERVAL  how often a batch is sent, such as 2m (the default)
  BATCH_SIZE           messages of one batch (2)

Run message-dispatcher-migrate first: it makes the tables.

Exit codes: 0 stopped as asked, 64 wrong usage or settings, 69 something that
the service needs is not available, 70 a fault of this program.";

/// What to do; without a word: serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service (the default).
    Serve,
    /// Try it out: everything in one process, nothing to install.
    ///
    /// Messages are kept in a SQLite file, a mock provider takes them over real
    /// HTTP, and a few samples are sent, two every ten seconds.
    Dev(DevOptions),
    /// Look at the settings without starting anything.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What to tell about settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting with its value and source, and all that is wrong.
    ///
    /// Reads the environment and .env as serve would, and connects to nothing.
    /// Secrets are shown as ***. Ends with 0 if nothing is wrong, else with 64.
    Check {
        /// One JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Print the commented file of all defaults: the manual.
    Defaults,
}

/// Options of `dev`.
#[derive(Debug, Args)]
pub(crate) struct DevOptions {
    /// Port of the REST API; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// How often a batch is sent, such as 10s or 1m.
    #[arg(long, default_value = "10s")]
    pub(crate) interval: String,
    /// Where to keep the messages (messages.db) and what the mock provider
    /// accepted (ledger.jsonl): the next start with it goes on there. Without
    /// it both are in a temporary directory that ends with the process.
    #[arg(long)]
    pub(crate) data_dir: Option<PathBuf>,
}
