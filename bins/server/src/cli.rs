//! The command line.

use crate::{
    completions::CompletionsOptions, healthcheck::HealthcheckOptions, help,
    reconcile::ReconcileOptions,
};
use clap::{Args, Parser, Subcommand};
use dispatcher_wiring::version;
use std::path::PathBuf;

/// Sends SMS messages from a queue table, in order, at a set pace: none lost, none twice.
///
/// Any program puts messages into the queue, by INSERT or by POST /api/messages. Any number of
/// servers may work on one database: together they keep one pace.
#[derive(Debug, Parser)]
#[command(
    name = "message-dispatcher-server",
    version = version::VERSION,
    long_version = version::long(),
    max_term_width = help::COLUMNS,
    after_help = help::PROGRAM_SHORT,
    after_long_help = help::program(),
)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do; without a word: serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the service (the default).
    ///
    /// Listens, waits for the database if that is down, and sends until it is asked to stop: by
    /// SIGTERM, or by Ctrl-C. Then no new send starts, and those in flight are finished within
    /// SHUTDOWN_TIMEOUT; a second signal ends it at once. All settings are environment variables.
    #[command(after_help = help::SERVE_SHORT, after_long_help = help::serve())]
    Serve,
    /// Try it out: everything in one process, nothing to install.
    ///
    /// Messages are kept in a SQLite file, a mock provider takes them over real HTTP, and a few samples
    /// are sent, two every ten seconds. It prints what to look at and what to type. Nothing leaves
    /// this machine: database, Redis and provider of the environment are not used.
    #[command(after_help = help::DEV_SHORT, after_long_help = help::dev())]
    Dev(DevOptions),
    /// Look at the settings without starting anything.
    #[command(subcommand, after_help = help::CONFIG_SHORT, after_long_help = help::config())]
    Config(ConfigCommand),
    /// Ask a running server whether it is well: for containers and scripts without curl.
    ///
    /// It prints one line that says how the server is, or why not. By default it asks /livez: whether
    /// the process works. That is what a container's health check wants, because its answer to
    /// "unhealthy" is a restart, and a restart mends a stuck process and no database. With --ready it
    /// asks /readyz, which also says no while the database is down, at the start and at the end.
    #[command(after_help = help::HEALTHCHECK_SHORT, after_long_help = help::healthcheck())]
    Healthcheck(HealthcheckOptions),
    /// After a restore or a fail-over: tell what is not sent here and was sent all the same.
    ///
    /// A database from a backup has forgotten the sends since; so may a standby that was promoted.
    /// Start the service with START_STOPPED=true, then ask this: it compares what is not sent with the
    /// receipts in Redis, and with the provider if PROVIDER_LOOKUP_URL says how, and sends nothing.
    #[command(after_help = help::RECONCILE_SHORT, after_long_help = help::reconcile())]
    Reconcile(ReconcileOptions),
    /// Print a script that completes this command line in your shell.
    #[command(after_help = help::completions())]
    Completions(CompletionsOptions),
}

/// What to tell about settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting with its value and source, and all that is wrong.
    ///
    /// Reads the environment and .env as serve would, and connects to nothing.
    /// Secrets are shown as ***. Ends with 0 if nothing is wrong, else with 64.
    #[command(after_help = help::CONFIG_CHECK_SHORT, after_long_help = help::config_check())]
    Check {
        /// One JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Print the commented file of all defaults: the manual.
    #[command(after_help = help::CONFIG_DEFAULTS_SHORT, after_long_help = help::config_defaults())]
    Defaults,
}

/// Options of `dev`.
#[derive(Debug, Args)]
pub(crate) struct DevOptions {
    /// Port of the REST API; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// How often a batch is sent, such as 10s or 1m; 0s: without a pause.
    #[arg(long, value_name = "DURATION", default_value = "10s", allow_hyphen_values = true, value_parser = duration)]
    pub(crate) interval: String,
    /// Where to keep the messages (messages.db) and what the mock provider accepted (ledger.jsonl): the
    /// next start with it goes on there. Without it both are in a temporary directory that ends with
    /// the process.
    #[arg(long)]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Refused here, a wrong one is told by the name of the option.
fn duration(text: &str) -> Result<String, String> {
    dispatcher_settings::parse_duration(text).map(|_| text.to_owned())
}
