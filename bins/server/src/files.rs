//! Room for files and connections.

use crate::Failure;

/// What an instance opens that has little to do: a process that gets less fails
/// here or there later, each time in other words.
#[cfg(unix)]
const NEEDED: usize = 48;

/// Tries whether this process may open enough files.
///
/// # Errors
/// The limit of the process, or of the machine, is reached.
#[cfg(unix)]
pub(crate) fn ensure_room() -> Result<(), Failure> {
    use anyhow::Context;
    use std::os::fd::AsFd;
    let stderr = std::io::stderr();
    // All at once; they are closed on return.
    let room: Result<Vec<_>, _> =
        (0..NEEDED).map(|_| stderr.as_fd().try_clone_to_owned()).collect();
    let opened = room.map(drop).context(
        "this process may open too few files and connections: raise the limit to 1024 or more \
         (ulimit -n; LimitNOFILE= of systemd; --ulimit nofile= of a container)",
    );
    opened.map_err(Failure::unavailable)
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub(crate) fn ensure_room() -> Result<(), Failure> {
    Ok(())
}
