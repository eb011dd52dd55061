//! Our own programs as children of a test: started, read, signalled, ended.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

pub use crate::lines::Stream;
use crate::lines::{Found, Lines};
use crate::wait;

/// What a program can be told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Please end (`SIGTERM`).
    Terminate,
    /// Please end, as Ctrl-C says it (`SIGINT`).
    Interrupt,
    /// Your terminal is gone (`SIGHUP`).
    Hangup,
    /// End, unasked (`SIGKILL`).
    Kill,
    /// Freeze (`SIGSTOP`).
    Stop,
    /// Go on after a freeze (`SIGCONT`).
    Continue,
}

/// A running program whose output is kept line by line. Killed when dropped.
///
/// ```no_run
/// # fn main() -> anyhow::Result<()> {
/// use std::process::Command;
/// use std::time::Duration;
///
/// use dispatcher_testkit::process::{Program, Signal};
///
/// let limit = Duration::from_secs(10);
/// let mut server = Program::spawn(Command::new("my-server").arg("--port=0"))?;
/// let line = server.wait_for_line_blocking("listening on", limit)?;
/// server.signal(Signal::Terminate)?;
/// assert!(server.wait_for_exit_blocking(limit)?.success());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    output: Lines,
}

impl Program {
    /// Starts it with nothing to read and with both output streams captured.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let output = Lines::default();
        output.follow(Stream::Out, child.stdout.take().context("no output pipe")?);
        output.follow(Stream::Err, child.stderr.take().context("no error pipe")?);
        Ok(Self { name, child, output })
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far to one stream.
    pub fn lines(&self, stream: Stream) -> Vec<String> {
        self.output.of(stream)
    }

    /// Waits for a line with `text` in it on either stream, including lines already there; gives the line.
    /// Blocks the thread.
    ///
    /// # Errors
    ///
    /// When the program ends or `limit` is over first; the error has the last lines.
    pub fn wait_for_line_blocking(&self, text: &str, limit: Duration) -> anyhow::Result<String> {
        wait_for_line(&self.output, &self.name, text, limit)
    }

    /// Waits until it has ended. Blocks the thread.
    ///
    /// # Errors
    ///
    /// When `limit` is over first; the error has the last lines.
    pub fn wait_for_exit_blocking(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        // Nothing in std signals the end of a child but the call that waits for ever.
        match wait::poll(limit, || self.child.try_wait().transpose()) {
            Some(status) => status.with_context(|| format!("cannot wait for {}", self.name)),
            None => bail!(
                "{} still runs after {limit:?}; it printed:\n{}",
                self.name,
                self.output.tail()
            ),
        }
    }

    /// Sends a signal. Every system knows [`Signal::Kill`], and only Unix the others.
    ///
    /// # Errors
    ///
    /// When the program has ended, or where there is no such signal.
    pub fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        let ended = self.child.try_wait().context("cannot look at the child")?;
        // Its number may belong to somebody else by now.
        ensure!(ended.is_none(), "{} has ended already", self.name);
        if signal == Signal::Kill {
            return self.child.kill().with_context(|| format!("cannot kill {}", self.name));
        }
        send(self.child.id(), signal)
    }
}

#[cfg(feature = "full")]
impl Program {
    /// [`Program::wait_for_line_blocking`] for async tests.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn wait_for_line(&self, text: &str, limit: Duration) -> anyhow::Result<String> {
        let (output, name, text) = (self.output.clone(), self.name.clone(), text.to_owned());
        crate::blocking::run(move || wait_for_line(&output, &name, &text, limit)).await
    }

    /// [`Program::wait_for_exit_blocking`] for async tests.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn wait_for_exit(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let output = self.output.clone();
        // The end of its output comes with its end, or just before.
        let end = move || Ok(output.wait_for_end(limit));
        let just_ends = crate::blocking::run(end).await?;
        self.wait_for_exit_blocking(if just_ends { limit } else { Duration::ZERO })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_for_line(
    output: &Lines,
    name: &str,
    text: &str,
    limit: Duration,
) -> anyhow::Result<String> {
    match output.wait_for(limit, |line| line.contains(text)) {
        Found::Line(line) => Ok(line),
        Found::Ended => {
            bail!("{name} ended without printing {text:?}; it printed:\n{}", output.tail())
        }
        Found::TooLate => {
            bail!("{name} did not print {text:?} in {limit:?}; it printed:\n{}", output.tail())
        }
    }
}

/// Takes everything of our own environment from `command`, but for what its system needs: without
/// `SystemRoot` no program on Windows opens a socket.
pub fn clear_environment(command: &mut Command) -> &mut Command {
    command.env_clear();
    #[cfg(windows)]
    if let Some(root) = crate::environment::variable("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// By the shell's own `kill`: std can only kill, the system call needs `unsafe`, and small systems have a
/// shell but no `kill` program.
#[cfg(unix)]
pub(crate) fn send(pid: u32, signal: Signal) -> anyhow::Result<()> {
    let name = match signal {
        Signal::Terminate => "TERM",
        Signal::Interrupt => "INT",
        Signal::Hangup => "HUP",
        Signal::Kill => "KILL",
        Signal::Stop => "STOP",
        Signal::Continue => "CONT",
    };
    let script = format!("kill -s {name} {pid}");
    let status = Command::new("sh").args(["-c", &script]).status().context("cannot start `sh`")?;
    ensure!(status.success(), "`{script}` failed");
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn send(_pid: u32, signal: Signal) -> anyhow::Result<()> {
    bail!("there is no {signal:?} on this system: signals need Unix")
}
