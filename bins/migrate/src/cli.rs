//! The command line.

use clap::{Parser, Subcommand};
use dispatcher_wiring::{exit, version};
use jiff::SignedDuration;
use std::time::Duration;

/// Brings the database of Message Dispatcher up to date.
///
/// Run it before each new version of the server starts: the server refuses to run on a database that is older or newer
/// than itself. It is safe to run again, and from many machines at once: one works, the others wait for it and find
/// nothing left to do. The first run is one transaction: a new database, or that of the Go service with its rows, is taken
/// into use as a whole, or stays as it was. Later each migration is one transaction.
#[derive(Debug, Parser)]
#[command(name = "message-dispatcher-migrate", version = version::long(), after_long_help = LONG_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Action>,

    /// How long to wait for a database that is not up yet, and for another migration that runs, as in 60s or 5m; 0s tries
    /// once.
    #[arg(long, global = true, default_value = "60s", value_parser = duration)]
    wait: Duration,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum Action {
    /// Apply what is missing. This is the default.
    Up,
    /// Print what is applied and what is pending, and on a new or a Go service's database what stands in the way; change
    /// nothing.
    Status,
}

const LONG_HELP: &str = "\
Settings:
  The database is found by the variables of the server, in the environment or in .env of the working directory:
  DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD, DB_SSLMODE, DB_SSLROOTCERT, or DATABASE_URL instead of them.
  The user must be allowed to create tables, and own the table of a Go service. LEGACY_TIMEZONE is the time zone that
  its times are in (UTC). Connect to the server itself rather than to a pooler such as PgBouncer
  in transaction mode: the lock that keeps two migrations apart belongs to a session.

Exit codes:
   0  the database is up to date, or its status was printed
   1  a migration failed or would fail: something in the database stands in the way: all of it is listed
  64  the command line or a setting is wrong; all wrong settings are listed
  69  the database cannot be reached, refuses the login, is being migrated by somebody else, or is in use: try again

Examples:
  message-dispatcher-migrate
  message-dispatcher-migrate status
  DATABASE_URL=postgres://me@db/messages_db DB_PASSWORD=… message-dispatcher-migrate --wait 5m";

impl Cli {
    pub(crate) fn action(&self) -> Action {
        self.command.unwrap_or(Action::Up)
    }

    pub(crate) fn wait(&self) -> Duration {
        self.wait
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
        assert_eq!((cli.action(), cli.wait()), (Action::Up, Duration::from_secs(60)));
    }

    #[test]
    fn the_wait_may_stand_before_and_after_the_command() {
        for args in [["--wait", "5m", "status"], ["status", "--wait", "5m"]] {
            let cli = parse(&args).unwrap();
            assert_eq!((cli.action(), cli.wait()), (Action::Status, Duration::from_secs(300)));
        }
    }

    #[test]
    fn a_wait_without_a_unit_or_before_now_is_refused_with_what_would_be_right() {
        for wrong in ["--wait=60", "--wait=-5s", "--wait=soon"] {
            let error = parse(&[wrong]).unwrap_err();
            assert!(error.use_stderr() && error.to_string().contains("such as 60s"), "{error}");
        }
    }
}
