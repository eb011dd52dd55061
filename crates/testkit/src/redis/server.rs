//! One Redis server in a temporary directory, in plain std.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::client;
use crate::account::Account;
use crate::find;
use crate::process::{self, Signal};
use crate::server::{on_free_port, on_same_port};
use crate::supervisor::{Job, Supervisor};

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
        let program = find::redis_or_help()?;
        let directory = Account::Own.directory("testkit-redis-")?;
        let home = Home { program, directory, password: password.map(str::to_owned) };
        let (port, process) = on_free_port(|port| home.job(port), READY)?;
        Ok(Self { process: Some(process), home, port, frozen: None })
    }

    /// `redis://127.0.0.1:port`, with the password if there is one.
    pub fn url(&self) -> String {
        let entry = self.home.password.as_ref().map(|password| format!(":{password}@"));
        format!("redis://{}127.0.0.1:{}", entry.unwrap_or_default(), self.port)
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
    fn job(&self, port: u16) -> Job<'_> {
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
        Job {
            command,
            directory: self.directory.path(),
            end_signal: "KILL",
            account: &Account::Own,
        }
    }
}
