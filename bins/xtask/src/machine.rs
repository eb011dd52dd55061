//! What the machine offers for an installation, and what follows from it.

use std::io::IsTerminal;
use std::process::Command;

use dispatcher_testkit::find::{PGBOUNCER_HELP, POSTGRES_HELP, REDIS_HELP};

use crate::environment::{has_program, in_ci};
use crate::promtool::PROMTOOL_HELP;

/// What to tell somebody who has no systemd.
const SYSTEMD_HELP: &str = "\
systemd-analyze is needed, to check the units in deploy/systemd. It exists on Linux only:
  Debian, Ubuntu:  apt-get install systemd";

/// What to tell somebody who has no shell of SQLite.
const SQLITE_HELP: &str = "\
sqlite3, the shell of SQLite, is needed: users write messages with it.
  Debian, Ubuntu:  apt-get install sqlite3
  macOS:           it is part of the system";

/// A service or a program that the checks need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Postgres,
    PgBouncer,
    Redis,
    SqliteShell,
    Promtool,
    SystemdAnalyze,
}

impl Service {
    /// What to tell somebody who has to install it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Postgres => POSTGRES_HELP,
            Self::PgBouncer => PGBOUNCER_HELP,
            Self::Redis => REDIS_HELP,
            Self::SqliteShell => SQLITE_HELP,
            Self::Promtool => PROMTOOL_HELP,
            Self::SystemdAnalyze => SYSTEMD_HELP,
        }
    }

    fn apt_package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::PgBouncer => "pgbouncer",
            Self::Redis => "redis-server",
            Self::SqliteShell => "sqlite3",
            Self::Promtool => "prometheus",
            Self::SystemdAnalyze => "systemd",
        }
    }

    fn brew_formula(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql@16",
            Self::PgBouncer => "pgbouncer",
            Self::Redis => "redis",
            Self::SqliteShell => "sqlite",
            Self::Promtool => "prometheus",
            // There is none; brew says so.
            Self::SystemdAnalyze => "systemd",
        }
    }
}

/// The facts that decide how to install.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Machine {
    pub(crate) root: bool,
    pub(crate) apt: bool,
    pub(crate) sudo: bool,
    pub(crate) brew: bool,
    /// Somebody is there to answer.
    pub(crate) interactive: bool,
}

/// How to install.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Run these commands; nobody minds.
    Install(Vec<String>),
    /// Run these commands if the person agrees.
    Ask(Vec<String>),
    /// Say what is needed and give up.
    Tell,
}

impl Machine {
    pub(crate) fn look() -> Self {
        Self {
            root: is_root(),
            apt: has_program("apt-get"),
            sudo: has_program("sudo"),
            brew: cfg!(target_os = "macos") && has_program("brew"),
            interactive: !in_ci()
                && std::io::stdin().is_terminal()
                && std::io::stdout().is_terminal(),
        }
    }

    /// Root on a Debian is a container or a CI machine: there the packages go in unasked. A person's own
    /// machine is changed only after a yes.
    pub(crate) fn plan(self, missing: &[Service]) -> Plan {
        match self {
            Self { apt: true, root: true, .. } => Plan::Install(apt("", missing)),
            Self { apt: true, sudo: true, interactive: true, .. } => {
                Plan::Ask(apt("sudo ", missing))
            }
            // Homebrew refuses root.
            Self { brew: true, root: false, interactive: true, .. } => Plan::Ask(brew(missing)),
            _ => Plan::Tell,
        }
    }
}

fn apt(sudo: &str, missing: &[Service]) -> Vec<String> {
    let apt = format!("{sudo}env DEBIAN_FRONTEND=noninteractive apt-get");
    let packages: Vec<&str> = missing.iter().map(|service| service.apt_package()).collect();
    let install = format!("{apt} install -y --no-install-recommends {}", packages.join(" "));
    vec![format!("{apt} update"), install]
}

fn brew(missing: &[Service]) -> Vec<String> {
    let formulae: Vec<&str> = missing.iter().map(|service| service.brew_formula()).collect();
    vec![format!("brew install {}", formulae.join(" "))]
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Service; 3] = [Service::Postgres, Service::PgBouncer, Service::Redis];

    #[test]
    fn root_on_debian_installs_only_what_is_missing_without_asking() {
        let machine = Machine { root: true, apt: true, ..Machine::default() };

        let Plan::Install(commands) = machine.plan(&[Service::Redis]) else {
            panic!("no installation")
        };

        assert!(commands[0].ends_with("apt-get update"));
        assert!(commands[1].ends_with("apt-get install -y --no-install-recommends redis-server"));
    }

    #[test]
    fn a_person_with_sudo_is_asked() {
        let machine = Machine { apt: true, sudo: true, interactive: true, ..Machine::default() };

        let Plan::Ask(commands) = machine.plan(&ALL) else { panic!("no question") };

        assert!(commands.iter().all(|command| command.starts_with("sudo ")));
        assert!(commands[1].ends_with("postgresql pgbouncer redis-server"));
    }

    #[test]
    fn a_person_with_homebrew_is_asked() {
        let machine = Machine { brew: true, interactive: true, ..Machine::default() };

        let command = "brew install postgresql@16 pgbouncer redis";
        assert_eq!(machine.plan(&ALL), Plan::Ask(vec![command.into()]));
    }

    #[test]
    fn nobody_is_asked_where_nobody_can_answer() {
        let machine = Machine { apt: true, sudo: true, brew: true, ..Machine::default() };

        assert_eq!(machine.plan(&ALL), Plan::Tell);
    }
}
