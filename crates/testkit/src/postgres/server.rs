//! One PostgreSQL server in a temporary directory, in plain std: `cargo xtask` uses it, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::PostgresParts;
use crate::account::Account;
use crate::find;
use crate::server::{on_free_port, on_same_port, random_word};
use crate::supervisor::{Job, Supervisor};
use crate::tls::{CERTIFICATE, Identity, KEY};

const USER: &str = "dispatcher";
/// A primary accepts connections, a standby read-only connections.
const READY: &str = "database system is ready to accept ";
/// "Immediate shutdown": clients are cut off, nothing is written any more, as in a crash.
const IMMEDIATE: &str = "QUIT";
const PROGRAM_LIMIT: Duration = Duration::from_secs(300);

/// Whether the server writes through to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// No: the data lives as long as the tests. Several times faster.
    #[default]
    Throwaway,
    /// Yes, with the settings PostgreSQL has by default: for tests that claim something survives a crash.
    Durable,
}

/// A running server. It ends, and its directory goes, when this is dropped or its process dies.
#[derive(Debug)]
pub struct PostgresServer {
    // Dropped in this order: the server must not write into a directory that is being removed.
    process: Option<Supervisor>,
    home: Home,
    durability: Durability,
    parts: PostgresParts,
}

/// What stays when the server is stopped.
#[derive(Debug)]
pub(super) struct Home {
    programs: PathBuf,
    account: Account,
    directory: TempDir,
    tls: bool,
}

impl PostgresServer {
    /// Makes a new server with user, password and an empty database `postgres`, on a free port of
    /// 127.0.0.1. Takes a second or two; blocks.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed (the error says what to install) or does not start (the error has
    /// the end of its log).
    pub fn start(durability: Durability) -> anyhow::Result<Self> {
        Self::start_with(durability, None)
    }

    /// The same with TLS, for clients that ask for it.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::start`].
    pub fn start_with_tls(durability: Durability, identity: &Identity) -> anyhow::Result<Self> {
        Self::start_with(durability, Some(identity))
    }

    fn start_with(durability: Durability, identity: Option<&Identity>) -> anyhow::Result<Self> {
        let home = Home::create(identity)?;
        let password = random_word();
        home.initdb(&password)?;
        let (port, process) =
            on_free_port(|port| Ok(home.job(home.postgres(port, durability))), READY)?;
        let parts = PostgresParts {
            host: "127.0.0.1".to_owned(),
            port,
            user: USER.to_owned(),
            password,
            dbname: "postgres".to_owned(),
        };
        Ok(Self { process: Some(process), home, durability, parts })
    }

    /// Where it is; stays the same when it is stopped and started again.
    pub fn parts(&self) -> &PostgresParts {
        &self.parts
    }

    /// The folder of the programs it was made with.
    pub fn programs(&self) -> &Path {
        &self.home.programs
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Puts another certificate in the place of the one it was started with; the server shows it after
    /// `SELECT pg_reload_conf()`.
    ///
    /// # Errors
    ///
    /// When the server does without TLS, or nothing can be written.
    pub fn renew(&mut self, identity: &Identity) -> anyhow::Result<()> {
        ensure!(self.home.tls, "this PostgreSQL does without TLS");
        self.home.present(identity)
    }

    /// Stops it as a crash would: clients are cut off, nothing is flushed. Returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn stop_immediate(&mut self) -> anyhow::Result<()> {
        self.process.take().context("this PostgreSQL is stopped already")?.stop()?;
        Ok(())
    }

    /// Starts it again on the same port; it recovers from its log.
    ///
    /// # Errors
    ///
    /// When it is running, or does not start.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        ensure!(self.process.is_none(), "this PostgreSQL is running already");
        let command = self.home.postgres(self.parts.port, self.durability);
        self.process = Some(on_same_port(&self.home.job(command), READY)?);
        Ok(())
    }

    /// Makes a standby of the server at `primary`, on a free port. It keeps what it has received even when it is
    /// stopped at once.
    ///
    /// # Errors
    ///
    /// When the copy cannot be made, or does not start.
    pub fn standby_of(primary: &PostgresParts) -> anyhow::Result<Self> {
        let (home, durability) = (Home::create(None)?, Durability::Durable);
        home.copy(primary)?;
        let (port, process) =
            on_free_port(|port| Ok(home.job(home.postgres(port, durability))), READY)?;
        let parts = PostgresParts { port, ..primary.clone() };
        Ok(Self { process: Some(process), home, durability, parts })
    }

    /// Forgets everything, and starts as a standby of the server at `primary`, on the port it had before.
    ///
    /// # Errors
    ///
    /// When it is running, or as [`PostgresServer::standby_of`].
    pub fn follow(&mut self, primary: &PostgresParts) -> anyhow::Result<()> {
        ensure!(self.process.is_none(), "this PostgreSQL is running");
        fs::remove_dir_all(self.home.data()).context("cannot remove the old data")?;
        self.home.copy(primary)?;
        self.start_again()
    }
}

impl Home {
    fn create(identity: Option<&Identity>) -> anyhow::Result<Self> {
        let programs = find::postgres_or_help()?;
        let account = Account::for_postgres()?;
        let directory = account.directory("testkit-postgres-")?;
        let home = Self { programs, account, directory, tls: identity.is_some() };
        identity.map_or(Ok(()), |identity| home.present(identity))?;
        Ok(home)
    }

    fn present(&self, identity: &Identity) -> anyhow::Result<()> {
        identity.write(self.directory.path(), &self.account)
    }

    fn job(&self, command: Vec<String>) -> Job<'_> {
        Job {
            command,
            directory: self.directory.path(),
            end_signal: IMMEDIATE,
            account: &self.account,
        }
    }

    fn initdb(&self, password: &str) -> anyhow::Result<()> {
        let password_file = self.directory.path().join("password");
        fs::write(&password_file, password).context("cannot write the password file")?;
        self.account.own(&password_file)?;
        self.run("initdb", self.initdb_command(&password_file))?;
        fs::remove_file(&password_file).context("cannot remove the password file")
    }

    /// Runs a program that ends by itself.
    pub(super) fn run(&self, name: &str, command: Vec<String>) -> anyhow::Result<()> {
        // Supervised like the server: a killed test leaves no half-made directory behind.
        let program = Supervisor::start(&self.job(command))?;
        let output = program.output().clone();
        ensure!(output.wait_for_end(PROGRAM_LIMIT), "{name} took too long:\n{}", output.tail());
        let status = program.stop()?;
        ensure!(status.success(), "{name} failed ({status}):\n{}", output.tail());
        Ok(())
    }

    fn initdb_command(&self, password_file: &Path) -> Vec<String> {
        vec![
            self.program("initdb"),
            format!("--pgdata={}", self.data()),
            format!("--username={USER}"),
            format!("--pwfile={}", password_file.display()),
            // As in production: no one gets in without the password.
            "--auth=scram-sha-256".to_owned(),
            "--encoding=UTF8".to_owned(),
            "--locale=C".to_owned(),
            "--no-sync".to_owned(),
        ]
    }

    fn postgres(&self, port: u16, durability: Durability) -> Vec<String> {
        let mut command = vec![self.program("postgres"), "-D".to_owned(), self.data()];
        let mut set = |setting: &str| command.extend(["-c".to_owned(), setting.to_owned()]);
        set("listen_addresses=127.0.0.1");
        set(&format!("port={port}"));
        set("unix_socket_directories=");
        set("max_connections=300");
        // Tests read our pipe for the line that says "ready": no log file may take it away.
        set("logging_collector=off");
        set("log_destination=stderr");
        // A standby that lost its primary for a moment looks for it again soon, and not after 5 s.
        set("wal_retrieve_retry_interval=100ms");
        if self.tls {
            let file = |name| self.directory.path().join(name).display().to_string();
            set("ssl=on");
            set(&format!("ssl_cert_file={}", file(CERTIFICATE)));
            set(&format!("ssl_key_file={}", file(KEY)));
        }
        if durability == Durability::Throwaway {
            set("fsync=off");
            set("synchronous_commit=off");
            set("full_page_writes=off");
        }
        command
    }

    pub(super) fn program(&self, name: &str) -> String {
        self.programs.join(name).display().to_string()
    }

    pub(super) fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }
}
