//! How far a POST got that was not answered, read from the client's error.

use std::{error::Error, fmt, io};

/// How far a POST got that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No byte of the request has left.
    NotSent(NotSentReason),
    /// The deadline passed, and part of the request may have arrived.
    TimedOut,
    /// The connection broke, and part of the request may have arrived.
    ConnectionLost,
}

/// Why no byte of the request has left; the words end up beside the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSentReason {
    /// Refused, unreachable, or broken before TLS stood.
    Connect,
    /// The host's name could not be resolved.
    Dns,
    /// No connection in time.
    ConnectTimeout,
    /// The provider's certificate, or its TLS, is not acceptable.
    Tls,
    /// The request itself could not be built.
    Request,
}

impl NotSentReason {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::Connect, Self::Dns, Self::ConnectTimeout, Self::Tls, Self::Request];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect_failed",
            Self::Dns => "dns_failed",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls => "tls_failed",
            Self::Request => "request_invalid",
        }
    }
}

impl Failure {
    /// What `error` of `send()` tells. Everything that is not certainly "not
    /// sent" counts as sent.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_builder() {
            Self::NotSent(NotSentReason::Request)
        } else if error.is_connect() {
            Self::NotSent(connect_reason(error))
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::ConnectionLost
        }
    }
}

fn connect_reason(error: &reqwest::Error) -> NotSentReason {
    if error.is_dns() {
        NotSentReason::Dns
    } else if error.is_timeout() {
        NotSentReason::ConnectTimeout
    } else if causes(error).any(is_tls) {
        NotSentReason::Tls
    } else {
        NotSentReason::Connect
    }
}

/// An `io::Error` hides the error that it wraps from the chain of sources, and
/// the layers below us wrap one in another.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || wrapped.is_some_and(|inner| is_tls(inner))
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// An error with all its causes, for the log. The errors of a send name hosts
/// and certificates, never what was written or read; strip the URL before.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, error) in causes(self.0).enumerate() {
            let colon = if depth == 0 { "" } else { ": " };
            write!(f, "{colon}{error}")?;
        }
        Ok(())
    }
}
