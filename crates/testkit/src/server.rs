//! What all servers have in common: a port of their own, waiting until they are ready, starting again.
//!
//! A free port can only be had by asking for one and giving it back, so somebody else may take it before
//! the server does. A server that lost its port says so and ends; then the next port is tried.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::lines::Found;
use crate::supervisor::{Job, Supervisor};

const READY_LIMIT: Duration = Duration::from_secs(60);
const TRIES: usize = 20;
/// All servers print the text of `EADDRINUSE`.
const PORT_LOST: &str = "Address already in use";

/// Starts a server on a free port: `job` says how for a given port.
pub(crate) fn on_free_port<'a>(
    job: impl Fn(u16) -> anyhow::Result<Job<'a>>,
    ready: &str,
) -> anyhow::Result<(u16, Supervisor)> {
    for _ in 0..TRIES {
        let port = free_port()?;
        if let Some(server) = try_start(&job(port)?, ready)? {
            return Ok((port, server));
        }
    }
    bail!("{TRIES} free ports in a row were taken before the server could use them")
}

/// Starts a server on the port it had before; whoever took it meanwhile is given time to leave.
pub(crate) fn on_same_port(job: &Job<'_>, ready: &str) -> anyhow::Result<Supervisor> {
    let start = || try_start(job, ready).transpose();
    crate::wait::poll(Duration::from_secs(20), start)
        .context("the port of the server is taken by another program")?
}

/// `None` when the port was lost.
fn try_start(job: &Job<'_>, ready: &str) -> anyhow::Result<Option<Supervisor>> {
    let mut server = Supervisor::start(job)?;
    match server.output().wait_for(READY_LIMIT, |line| line.contains(ready)) {
        Found::Line(_) => {
            server.ready()?;
            Ok(Some(server))
        }
        Found::Ended if server.output().contain(PORT_LOST) => {
            // Dropping it would remove the directory, which the next try needs.
            server.stop()?;
            Ok(None)
        }
        Found::Ended => bail!("{} ended at its start:\n{}", job.command[0], server.output().tail()),
        Found::TooLate => bail!(
            "{} was not ready in {READY_LIMIT:?}:\n{}",
            job.command[0],
            server.output().tail()
        ),
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port of 127.0.0.1 is free")?;
    Ok(listener.local_addr()?.port())
}

/// A word nobody can guess: passwords and names. Not for anything that must stay secret for long.
pub(crate) fn random_word() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_words_differ() {
        assert_ne!(random_word(), random_word());
    }
}
