//! The service manager that started this process: told when it is up, and how long its end may
//! take. systemd's `Type=notify`; whoever else sets `NOTIFY_SOCKET` to the path of a socket is told as well.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// What an end takes beyond `SHUTDOWN_TIMEOUT`: closing connections, tidying up a file.
const TIDY_UP: Duration = Duration::from_secs(15);

/// The socket of the service manager; by default there is none, and nobody is told.
#[derive(Default)]
pub struct Manager(Option<PathBuf>);

impl Manager {
    /// The one that the environment names.
    pub(crate) fn of(env: &BTreeMap<String, String>) -> Self {
        Self(env.get("NOTIFY_SOCKET").filter(|path| !path.is_empty()).map(PathBuf::from))
    }

    /// The port is taken, the tables are there or waited for, and the API answers.
    pub(crate) fn ready(&self) {
        self.tell("READY=1");
    }

    /// Nothing new begins. Who waits for our end waits so long, whatever the unit says.
    pub(crate) fn stopping(&self, shutdown_timeout: Duration) {
        let within = shutdown_timeout.saturating_add(TIDY_UP);
        self.tell(&format!("STOPPING=1\nEXTEND_TIMEOUT_USEC={}", within.as_micros()));
    }

    fn tell(&self, what: &str) {
        let Some(path) = &self.0 else { return };
        if let Err(error) = send(path, what) {
            tracing::warn!(%error, "the service manager at NOTIFY_SOCKET cannot be told");
        }
    }
}

#[cfg(unix)]
fn send(path: &Path, what: &str) -> io::Result<()> {
    let socket = std::os::unix::net::UnixDatagram::unbound()?;
    // A manager that does not read must not hold up the work.
    socket.set_nonblocking(true)?;
    socket.send_to(what.as_bytes(), path).map(|_| ())
}

/// Elsewhere nobody asks.
#[cfg(not(unix))]
fn send(_: &Path, _: &str) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;

    fn heard(socket: &UnixDatagram) -> String {
        let mut text = [0; 100];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    }

    #[test]
    fn it_hears_that_we_are_up_and_how_long_our_end_may_take() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        // What was told is there at once; who was not told must not wait for ever.
        socket.set_nonblocking(true).unwrap();
        let name = path.to_str().unwrap().to_owned();
        let manager = Manager::of(&BTreeMap::from([("NOTIFY_SOCKET".to_owned(), name)]));
        manager.ready();
        assert_eq!(heard(&socket), "READY=1");
        manager.stopping(Duration::from_secs(30));
        assert_eq!(heard(&socket), "STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000");
        manager.stopping(Duration::MAX);
        assert!(heard(&socket).starts_with("STOPPING=1\n"), "no overflow");
    }

    #[test]
    fn nobody_there_is_no_failure() {
        Manager::default().ready();
        let nowhere = BTreeMap::from([("NOTIFY_SOCKET".to_owned(), "/no/such/socket".to_owned())]);
        Manager::of(&nowhere).ready();
    }
}
