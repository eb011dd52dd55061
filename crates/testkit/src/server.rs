//! What all servers have in common: a port of their own, waiting until they are ready, starting again.
//!
//! A free port is kept where the system lets us, see `free_port`. Elsewhere it can only be had by asking for
//! one and giving it back, so somebody else may take it before the server does. A server that lost its port
//! says so and ends; then the next port is tried.

#[cfg(target_os = "linux")]
use std::net::SocketAddr;
#[cfg(not(target_os = "linux"))]
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::lines::Found;
use crate::supervisor::{Job, Supervisor};

/// Far more than a start takes on the slowest machine, the recovery after a crash included.
const READY_LIMIT: Duration = Duration::from_secs(180);
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
    crate::wait::poll(READY_LIMIT, start)
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

/// A port that nobody else is given while this process lives, be its server up or not: a program that looks for
/// a server that is down must not find the server of another test. Linux lets a server listen on a port that a
/// socket is bound to which does not listen itself, if both allow it, and ours do.
#[cfg(target_os = "linux")]
pub(crate) fn free_port() -> anyhow::Result<u16> {
    use socket2::{Domain, Socket, Type};
    let ask = || {
        let place = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        place.set_reuse_address(true)?;
        place.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        let address = place.local_addr()?;
        std::mem::forget(place);
        std::io::Result::Ok(address)
    };
    let address = ask().context("no port of 127.0.0.1 is free")?;
    Ok(address.as_socket().context("an address without a port")?.port())
}

#[cfg(not(target_os = "linux"))]
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_is_kept_for_a_server_that_comes_goes_and_comes_again() {
        let port = free_port().unwrap();
        for _ in 0..2 {
            let refused = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap_err();
            assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
            let server = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
            std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            drop(server);
        }
        // Who asks for any port asks as this one does.
        let other = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let taken = other.unwrap().bind(&address.into()).unwrap_err();
        assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
    }

    #[test]
    fn random_words_differ() {
        assert_ne!(random_word(), random_word());
    }
}
