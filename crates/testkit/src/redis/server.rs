//! One Redis server in a temporary directory, in plain std.

use std::cell::Cell;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::client;
use crate::account::Account;
use crate::find;
use crate::process::{self, Signal};
use crate::server::{free_port, on_free_port, on_same_port};
use crate::supervisor::{Job, Supervisor};
use crate::tls::{CERTIFICATE, Identity, KEY};

const READY: &str = "eady to accept connections";

/// A running server. It ends, and its directory goes, when this is dropped or its process dies.
#[derive(Debug)]
pub struct RedisServer {
    // Dropped in this order: the server must not write into a directory that is being removed.
    process: Option<Supervisor>,
    home: Home,
    port: u16,
    /// Its process number, while it is frozen.
    frozen: Option<u32>,
}

/// What stays when the server is killed.
#[derive(Debug)]
struct Home {
    program: PathBuf,
    directory: TempDir,
    password: Option<String>,
    /// Beside the port without TLS, through which tests give their commands.
    tls_port: Option<u16>,
}

impl RedisServer {
    /// Starts a server on a free port of 127.0.0.1 which keeps everything in memory. Blocks for some
    /// milliseconds.
    ///
    /// # Errors
    ///
    /// When Redis is not installed (the error says what to install) or does not start (the error has the
    /// end of its log).
    pub fn start(password: Option<&str>) -> anyhow::Result<Self> {
        let home = Home::create(password)?;
        let (port, process) = on_free_port(|port| Ok(home.job(port)), READY)?;
        Ok(Self { process: Some(process), home, port, frozen: None })
    }

    /// The same with a second port, where it speaks TLS.
    ///
    /// # Errors
    ///
    /// As [`RedisServer::start`].
    pub fn start_with_tls(password: Option<&str>, identity: &Identity) -> anyhow::Result<Self> {
        let mut home = Home::create(password)?;
        identity.write(home.directory.path(), &Account::Own)?;
        let tls_port = Cell::new(0);
        let job = |port| {
            tls_port.set(free_port()?);
            Ok(home.job_with_tls(port, Some(tls_port.get())))
        };
        let (port, process) = on_free_port(job, READY)?;
        home.tls_port = Some(tls_port.get());
        Ok(Self { process: Some(process), home, port, frozen: None })
    }

    /// `redis://127.0.0.1:port`, with the password if there is one.
    pub fn url(&self) -> String {
        format!("redis://{}127.0.0.1:{}", self.home.entry(), self.port)
    }

    /// `rediss://host:port`, with the password if there is one; `None` when it does without TLS.
    pub fn tls_url(&self, host: &str) -> Option<String> {
        let port = self.home.tls_port?;
        Some(format!("rediss://{}{host}:{port}", self.home.entry()))
    }

    /// Its TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it (`SIGKILL`); returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().context("this Redis is killed already")?.stop()?;
        self.frozen = None;
        Ok(())
    }

    /// Starts it again on the same port, empty.
    ///
    /// # Errors
    ///
    /// When it is running, or does not start.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        ensure!(self.process.is_none(), "this Redis is running already");
        self.process = Some(on_same_port(&self.home.job(self.port), READY)?);
        Ok(())
    }

    /// Freezes it (`SIGSTOP`): connections stay open, and nothing is answered.
    ///
    /// # Errors
    ///
    /// When it is not running, or frozen already.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        ensure!(self.frozen.is_none(), "this Redis is frozen already");
        let info = self.command(&["INFO", "server"])?;
        let pid = info.lines().find_map(|line| line.strip_prefix("process_id:"));
        let pid = pid.context("Redis tells no process_id")?.trim().parse()?;
        process::send(pid, Signal::Stop)?;
        self.frozen = Some(pid);
        Ok(())
    }

    /// Lets it go on after a freeze.
    ///
    /// # Errors
    ///
    /// When it is not frozen.
    pub fn thaw(&mut self) -> anyhow::Result<()> {
        let pid = self.frozen.take().context("this Redis is not frozen")?;
        process::send(pid, Signal::Continue)
    }

    /// Sends one command and gives the reply as text, one line per element.
    ///
    /// # Errors
    ///
    /// When the server is not there or answers with an error.
    pub fn command(&self, command: &[&str]) -> anyhow::Result<String> {
        client::send(self.port, self.home.password.as_deref(), command)
    }
}

impl Home {
    fn create(password: Option<&str>) -> anyhow::Result<Self> {
        let program = find::redis_or_help()?;
        let directory = Account::Own.directory("testkit-redis-")?;
        Ok(Self { program, directory, password: password.map(str::to_owned), tls_port: None })
    }

    /// What stands before the host in a URL.
    fn entry(&self) -> String {
        self.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default()
    }

    fn job(&self, port: u16) -> Job<'_> {
        self.job_with_tls(port, self.tls_port)
    }

    fn job_with_tls(&self, port: u16, tls_port: Option<u16>) -> Job<'_> {
        let mut command = vec![self.program.display().to_string()];
        let mut set =
            |name: &str, value: &str| command.extend([format!("--{name}"), value.to_owned()]);
        set("port", &port.to_string());
        set("bind", "127.0.0.1");
        set("save", "");
        set("appendonly", "no");
        set("daemonize", "no");
        if let Some(password) = &self.password {
            set("requirepass", password);
        }
        if let Some(tls_port) = tls_port {
            set("tls-port", &tls_port.to_string());
            set("tls-cert-file", CERTIFICATE);
            set("tls-key-file", KEY);
            // Of its clients: they log in by password.
            set("tls-auth-clients", "no");
        }
        Job {
            command,
            directory: self.directory.path(),
            end_signal: "KILL",
            account: &Account::Own,
        }
    }
}
