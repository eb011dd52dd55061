//! The client that comes with the server: this program has no driver, to build in seconds.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use dispatcher_testkit::postgres::PostgresServer;

/// One statement after the other, each in a transaction of its own.
pub(super) struct Psql<'a> {
    server: &'a PostgresServer,
}

impl<'a> Psql<'a> {
    pub(super) fn of(server: &'a PostgresServer) -> Self {
        Self { server }
    }

    pub(super) fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.ask(sql).map(drop)
    }

    pub(super) fn number(&self, sql: &str) -> anyhow::Result<u64> {
        self.ask(sql)?.parse().with_context(|| format!("no number from {sql}"))
    }

    pub(super) fn ask(&self, sql: &str) -> anyhow::Result<String> {
        let parts = self.server.parts();
        let mut command = Command::new(self.program());
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args([
                "--set=ON_ERROR_STOP=1",
                "--host",
                &parts.host,
                "--port",
                &parts.port.to_string(),
            ])
            .args(["--username", &parts.user, "--dbname", &parts.dbname])
            .env("PGPASSWORD", &parts.password)
            .stdin(Stdio::null());
        for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
            command.args(["--command", statement]);
        }
        let output = command.output().context("cannot start psql")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "psql: {}", error.trim());
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Beside the server's own programs, or wherever `PATH` has it.
    fn program(&self) -> PathBuf {
        let beside = self.server.programs().join("psql");
        if beside.is_file() { beside } else { "psql".into() }
    }
}
