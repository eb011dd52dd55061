//! Why the program ended, and the exit code that tells its kind.

use dispatcher_wiring::exit;

/// Why the program ended.
#[derive(Debug)]
pub struct Failure {
    /// The exit code (`sysexits.h`).
    pub code: u8,
    /// What went wrong.
    pub error: anyhow::Error,
}

impl Failure {
    /// Wrong usage or settings: a restart will not help.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: exit::USAGE, error: error.into() }
    }

    /// Something that the service needs is not available.
    pub(crate) fn unavailable(error: impl Into<anyhow::Error>) -> Self {
        Self { code: exit::UNAVAILABLE, error: error.into() }
    }

    /// The server that was asked is not well, or does not answer.
    pub(crate) fn unhealthy(error: impl Into<anyhow::Error>) -> Self {
        Self { code: exit::UNHEALTHY, error: error.into().context("unhealthy") }
    }

    /// A fault of this program.
    pub(crate) fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self { code: exit::INTERNAL, error: error.into() }
    }
}
