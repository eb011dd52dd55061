//! Running the program.

use dispatcher_testkit::postgres::PostgresParts;
use serde_json::Value;
use std::process::{Command, Output};
use tempfile::TempDir;

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All that it printed.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// The one object on standard output, and that it says how the program ended.
    pub(crate) fn json(&self) -> Value {
        let object: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("no JSON alone: {error}: {}", self.text());
        });
        assert_eq!(object["exit_code"].as_i64().map(|code| code as i32), self.code, "{object}");
        object
    }

    pub(crate) fn assert_code(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}", self.text());
    }
}

/// The program with nothing but what a test gives it: no variable and no `.env` of the developer.
pub(crate) struct Program {
    pub(crate) command: Command,
    _directory: TempDir,
}

impl Program {
    pub(crate) fn new(args: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-migrate"));
        command.args(args).env_clear().current_dir(&directory);
        Self { command, _directory: directory }
    }

    /// It is to work on this database.
    pub(crate) fn on(args: &[&str], database: &PostgresParts) -> Self {
        let mut program = Self::new(args);
        program
            .command
            .env("DB_HOST", &database.host)
            .env("DB_PORT", database.port.to_string())
            .env("DB_NAME", &database.dbname)
            .env("DB_USER", &database.user)
            .env("DB_PASSWORD", &database.password)
            // A machine that stalls for some seconds is no server that does not answer.
            .env("DB_TIMEOUT", "60s");
        program
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn run(mut self) -> Ended {
        Ended::of(self.command.output().unwrap())
    }
}

/// Runs it on `database`; its password must not be seen.
pub(crate) fn run(args: &[&str], database: &PostgresParts) -> Ended {
    let ended = Program::on(args, database).run();
    assert!(!ended.text().contains(&database.password), "{}", ended.text());
    ended
}
