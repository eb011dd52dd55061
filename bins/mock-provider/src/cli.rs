//! The command line: what the binary understands, and its life from the first log line to the last.

use std::{io::IsTerminal, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::{Parser, Subcommand, builder::BoolishValueParser};
use tracing_subscriber::EnvFilter;

use crate::{Config, MockProvider, Script, duration, grammar_help, healthcheck};

/// Version, commit and build time, such as `0.1.0 (commit 1a2b3c4d5e6f, built 2026-01-01T00:00:00Z)`.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (commit ",
    env!("DISPATCHER_GIT_COMMIT"),
    ", built ",
    env!("DISPATCHER_BUILD_TIME"),
    ")"
);

/// An SMS provider to test against: it accepts, refuses, throttles, hangs and drops connections as told.
///
/// It sends nothing to anybody. POST /send with {"phone_number":"+90…","content":"…"} is answered with
/// {"message":"Accepted","messageId":"…"}; GET /ledger lists what it has accepted, GET /requests every POST that
/// arrived, and PUT /script replaces the behaviour while it runs.
///
/// The address to POST to is printed on standard output, the log goes to standard error. Ctrl-C ends it.
#[derive(Debug, Parser)]
#[command(name = "message-dispatcher-mock-provider", version, long_version = LONG_VERSION, after_long_help = grammar_help())]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// The address to listen on. The ledger holds phone numbers and is open to all who can connect.
    #[arg(long, env = "MOCK_PROVIDER_HOST", default_value = "127.0.0.1")]
    host: String,

    /// The port to listen on; 0 takes any free one.
    #[arg(long, env = "MOCK_PROVIDER_PORT", default_value_t = 3001)]
    port: u16,

    /// The bearer token that clients must show; without it any will do, or none. The environment is the better
    /// place: a command line is visible to all users of the machine.
    #[arg(long, env = "MOCK_PROVIDER_TOKEN", hide_env_values = true)]
    token: Option<String>,

    /// Hold back each answer of POST /send for so long, as in 250ms or 2s. The message is accepted before.
    #[arg(long, env = "MOCK_PROVIDER_LATENCY", default_value = "0s", value_parser = duration::parse)]
    latency: Duration,

    /// Up to so much more latency, drawn evenly for each answer, as in 100ms.
    #[arg(long, env = "MOCK_PROVIDER_JITTER", default_value = "0s", value_parser = duration::parse)]
    jitter: Duration,

    /// Take no notice of Idempotency-Key: two POSTs with the same key are two messages.
    #[arg(long, env = "MOCK_PROVIDER_IGNORE_IDEMPOTENCY_KEY", value_parser = BoolishValueParser::new())]
    ignore_idempotency_key: bool,

    /// What to do with the POSTs, one after the other, as in "status=503*2, drop-after, then accept". --help explains
    /// the steps.
    #[arg(long, env = "MOCK_PROVIDER_SCRIPT", default_value = "", hide_default_value = true)]
    script: Script,

    /// Keep accepted messages in this file, one JSON line each, written before the answer and read at the start.
    #[arg(long, env = "MOCK_PROVIDER_LEDGER_FILE", value_name = "PATH")]
    ledger_file: Option<PathBuf>,

    /// How much to log: off, error, warn, info or debug.
    #[arg(long, env = "MOCK_PROVIDER_LOG", default_value = "info")]
    log: String,
}

/// What it does instead of being a provider.
#[derive(Debug, Clone, Copy, Subcommand)]
enum Command {
    /// Ask the provider of this environment (MOCK_PROVIDER_HOST, MOCK_PROVIDER_PORT) whether it is well: 0 yes, 1 no.
    Healthcheck,
}

impl Cli {
    /// The configuration asked for. An empty token or path, as left by an unset variable of a compose file, is none.
    fn config(self) -> Config {
        Config {
            host: self.host,
            port: self.port,
            token: self.token.filter(|token| !token.is_empty()),
            latency: self.latency,
            jitter: self.jitter,
            ignore_idempotency_key: self.ignore_idempotency_key,
            script: self.script,
            ledger_file: self.ledger_file.filter(|path| !path.as_os_str().is_empty()),
        }
    }
}

/// Runs the provider until Ctrl-C or SIGTERM, or asks one that runs.
///
/// # Errors
/// When the provider cannot start, see [`MockProvider::start`]; or when the one asked is not well.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Some(Command::Healthcheck) = cli.command {
        return healthcheck::ask(&cli.host, cli.port);
    }
    let filter = EnvFilter::try_new(&cli.log).context("--log (MOCK_PROVIDER_LOG)")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    // Listened for before the start: a signal that comes in between must not kill the process the hard way.
    let stopped = stop_signal()?;
    let provider = MockProvider::start(cli.config()).await?;
    println!("{}", provider.send_url());
    // Not the script: its rules hold phone numbers. GET /script has it.
    tracing::info!(
        url = provider.send_url(),
        accepted_before = provider.ledger().len(),
        "listening"
    );
    stopped.await;
    provider.stop().await;
    tracing::info!(
        posts = provider.requests().len(),
        accepted = provider.ledger().len(),
        "stopped"
    );
    Ok(())
}

/// Resolves at Ctrl-C or SIGTERM. Both are caught from the call on.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C or Ctrl-Break, and when the console is closed. All are caught from the call on.
#[cfg(windows)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
    let mut interrupt = ctrl_c().context("cannot listen for Ctrl-C")?;
    let mut break_key = ctrl_break().context("cannot listen for Ctrl-Break")?;
    let mut close = ctrl_close().context("cannot listen for the end of the console")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = break_key.recv() => {}
            _ = close.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_a_variable_of_the_same_name() {
        for arg in Cli::command().get_arguments() {
            let name = arg.get_id().as_str();
            let expected = format!("MOCK_PROVIDER_{}", name.to_uppercase());
            assert_eq!(
                arg.get_env().and_then(|env| env.to_str()),
                Some(expected.as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn a_wrong_script_or_duration_is_refused_with_what_would_be_right() {
        for (args, hint) in [
            (["mock", "--script", "stauts=503"], "status=CODE"),
            (["mock", "--latency", "5"], "250ms"),
        ] {
            let error = Cli::try_parse_from(args).unwrap_err().to_string();
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn the_long_help_explains_the_script() {
        let help = Cli::command().render_long_help().to_string();
        assert!(help.contains("drop-mid-body") && help.contains("then repeat"), "{help}");
    }
}
