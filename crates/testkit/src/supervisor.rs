//! Runs a server that cannot outlive us.
//!
//! `Drop` does not run when a process is killed, and asking the kernel to kill a child with its parent
//! needs `unsafe`. A pipe needs neither: the kernel closes it however we end. `supervisor.sh` waits for
//! that and ends the server.

use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use anyhow::Context;

use crate::account::Account;
use crate::lines::{Lines, Stream};

const SCRIPT: &str = include_str!("supervisor.sh");

/// What to run, and how to end it.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// Current directory of the program, removed with it.
    pub(crate) directory: &'a Path,
    /// Signal that ends it at once, as `kill -s` calls it.
    pub(crate) end_signal: &'a str,
    /// Whose rights it gets.
    pub(crate) account: &'a Account,
}

/// A running server and the shell that watches over it; both end when this is dropped.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shell: Child,
    /// `None` once closed, which is the order to end the server.
    orders: Option<ChildStdin>,
    output: Lines,
}

impl Supervisor {
    pub(crate) fn start(job: &Job<'_>) -> anyhow::Result<Self> {
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "supervisor"])
            .arg(job.directory)
            .arg(job.end_signal)
            .args(&job.command)
            .current_dir(job.directory)
            // Readiness is recognised by log lines: keep them English.
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        job.account.apply(&mut command)?;
        let mut shell = command.spawn().context("cannot start `sh`")?;
        let output = Lines::default();
        output.follow(Stream::Out, shell.stdout.take().context("`sh` has no output pipe")?);
        let orders = shell.stdin.take();
        Ok(Self { shell, orders, output })
    }

    /// What the server printed. Its end is the end of the server and all of its children.
    pub(crate) fn output(&self) -> &Lines {
        &self.output
    }

    /// Says that the server is up, so its own signal may end it.
    pub(crate) fn ready(&mut self) -> anyhow::Result<()> {
        self.order("ready")
    }

    /// Ends the server and keeps its directory; gives the status the server ended with.
    pub(crate) fn stop(mut self) -> anyhow::Result<ExitStatus> {
        self.order("keep")?;
        self.end()
    }

    fn order(&mut self, word: &str) -> anyhow::Result<()> {
        use std::io::Write;
        let orders = self.orders.as_mut().context("the server was told to end already")?;
        writeln!(orders, "{word}").with_context(|| format!("cannot tell the supervisor `{word}`"))
    }

    fn end(&mut self) -> anyhow::Result<ExitStatus> {
        self.orders = None;
        self.shell.wait().context("cannot wait for the supervisor")
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // Nobody is left to hear about a failure.
        let _ = self.end();
    }
}
