//! The command line.

use crate::{database::Limits, help};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use dispatcher_wiring::{exit, version};
use jiff::SignedDuration;
use std::time::Duration;

/// Brings the database of Message Dispatcher up to date.
///
/// Run it before each new version of the server starts: the server refuses to run on a database that
/// is older or newer than itself. It is safe to run again, and from many machines at once: one works,
/// the others wait for it and find nothing left to do. The first run is one transaction: a new
/// database, or that of the Go service with its rows, is taken into use as a whole, or stays as it
/// was. Later each migration is one transaction (all of them together on SQLite).
#[derive(Debug, Parser)]
#[command(
    name = "message-dispatcher-migrate",
    version = version::long(),
    max_term_width = help::COLUMNS,
    after_help = help::SHORT,
    after_long_help = help::LONG,
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Action>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
struct Options {
    /// How long to wait for a database that is not up yet, for another migration that runs, and for
    /// tables that are in use, as in 60s or 5m; 0s tries once.
    #[arg(long, global = true, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    wait: Duration,

    /// How long one try may wait for a table that is in use (PostgreSQL).
    ///
    /// All who want the table meanwhile queue up behind it: that is why it is short, and not --wait.
    /// After a try that fails they get on for a second, then the next one begins, until --wait is
    /// over. SQLite needs no such limit: nobody queues up there.
    #[arg(long, global = true, value_name = "DURATION", default_value = "3s", value_parser = duration)]
    lock_timeout: Duration,

    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    json: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum Action {
    /// Apply what is missing. This is the default.
    Up,
    /// Print what is applied, what is pending and what stands in the way; change nothing.
    #[command(after_long_help = help::STATUS)]
    Status,
    /// Print the SQL that `up` would run now; change nothing.
    #[command(after_long_help = help::PLAN)]
    Plan,
    /// Tell whether the database is exactly the one that this version makes; change nothing.
    #[command(after_long_help = help::VERIFY)]
    Verify,
    /// Print a script that completes this command line in your shell.
    Completions {
        /// The shell that the script is for.
        shell: Shell,
    },
}

impl Action {
    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Status => "status",
            Self::Plan => "plan",
            Self::Verify => "verify",
            Self::Completions { .. } => "completions",
        }
    }
}

impl Cli {
    pub(crate) fn action(&self) -> Action {
        self.command.unwrap_or(Action::Up)
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { wait: self.options.wait, lock_timeout: self.options.lock_timeout }
    }

    pub(crate) fn wants_json(&self) -> bool {
        self.options.json
    }
}

/// Prints what clap has to say, which may be the help; gives the exit code.
pub fn usage(message: &clap::Error) -> u8 {
    // Nobody left to print to: then nobody is left to tell about it either.
    let _ = message.print();
    if message.use_stderr() { exit::USAGE } else { 0 }
}

fn duration(text: &str) -> Result<Duration, String> {
    let right = || "must be a duration with a unit, such as 60s or 5m".to_owned();
    let signed: SignedDuration = text.parse().map_err(|_| right())?;
    Duration::try_from(signed).map_err(|_| right())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use dispatcher_postgres::migrations::MigrateOptions;

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["message-dispatcher-migrate"], args].concat())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_goes_up_and_waits_a_minute() {
        let cli = parse(&[]).unwrap();
        let Limits { wait, lock_timeout } = cli.limits();
        assert_eq!((cli.action(), cli.wants_json()), (Action::Up, false));
        assert_eq!((wait, lock_timeout), (Duration::from_secs(60), MigrateOptions::LOCK_TIMEOUT));
    }

    #[test]
    fn options_may_stand_before_and_after_the_command() {
        for args in [
            ["--wait", "5m", "--lock-timeout=1s", "--json", "status"],
            ["status", "--json", "--wait", "5m", "--lock-timeout=1s"],
        ] {
            let cli = parse(&args).unwrap();
            let Limits { wait, lock_timeout } = cli.limits();
            assert_eq!((cli.action(), cli.wants_json()), (Action::Status, true));
            assert_eq!((wait.as_secs(), lock_timeout.as_secs()), (300, 1));
        }
    }

    #[test]
    fn a_wait_without_a_unit_or_before_now_is_refused_with_what_would_be_right() {
        for wrong in ["--wait=60", "--wait=-5s", "--wait=soon", "--lock-timeout=3"] {
            let error = parse(&[wrong]).unwrap_err();
            assert!(error.use_stderr() && error.to_string().contains("such as 60s"), "{error}");
        }
    }

    /// Words of a longer line are torn apart on a narrow terminal.
    #[test]
    fn the_texts_of_the_help_are_no_wider_than_a_terminal() {
        for text in [help::SHORT, help::LONG, help::STATUS, help::PLAN, help::VERIFY] {
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(help::COLUMNS), "{widest:?}: {text}");
        }
    }
}
