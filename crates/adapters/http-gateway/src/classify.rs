//! What an answer, or the lack of one, says about the message: the one table
//! on which everything else rests. Pure, so that every row has its test.

use crate::{failure::Failure, wire};
use dispatcher_domain::{SendOutcome, UnknownCause};
use std::time::Duration;

const METHOD_NOT_ALLOWED: u16 = 405;
const REQUEST_TIMEOUT: u16 = 408;
const CONFLICT: u16 = 409;
const TOO_MANY_REQUESTS: u16 = 429;

/// Whether the provider took the message; then, and only then, the body of
/// the answer is worth reading.
pub(crate) fn is_accepted(status: u16) -> bool {
    (200..=299).contains(&status)
}

/// What the operator told us about this provider.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Statuses that it answers only when it has not accepted the message.
    pub(crate) not_sent_statuses: Vec<u16>,
    /// It honours idempotency keys.
    pub(crate) idempotent: bool,
}

impl Rules {
    /// The outcome of a POST that was answered. `body` is what could be read of
    /// it, if anything: once the status is 2xx, a body that breaks changes
    /// nothing.
    pub(crate) fn answered(
        &self,
        status: u16,
        retry_after: Option<Duration>,
        body: &[u8],
    ) -> SendOutcome {
        if is_accepted(status) {
            return SendOutcome::Accepted {
                provider_message_id: wire::message_id(body),
                http_status: status,
            };
        }
        // The operator knows this provider, we do not.
        if self.not_sent_statuses.contains(&status) {
            return known_not_sent(status, retry_after);
        }
        match status {
            // 405 is about the address, never about the message.
            401 | 403 | METHOD_NOT_ALLOWED | 300..=399 => {
                SendOutcome::Misconfigured { http_status: status }
            }
            REQUEST_TIMEOUT | TOO_MANY_REQUESTS => unknown_status(status),
            // Another request with our key is under way or was made: ours.
            CONFLICT if self.idempotent => unknown_status(status),
            400..=499 => SendOutcome::Refused { http_status: status },
            // 5xx, 503 too: proxies answer it after their upstream broke. And
            // 1xx, 600 and above: no final status of HTTP.
            _ => unknown_status(status),
        }
    }
}

fn known_not_sent(status: u16, retry_after: Option<Duration>) -> SendOutcome {
    if status == TOO_MANY_REQUESTS {
        return SendOutcome::RateLimited { http_status: status, retry_after };
    }
    SendOutcome::NotSent {
        reason: format!("provider_{status}"),
        http_status: Some(status),
        retry_after,
    }
}

fn unknown_status(status: u16) -> SendOutcome {
    SendOutcome::Unknown { cause: UnknownCause::Status, http_status: Some(status) }
}

/// The outcome of a POST that was not answered.
pub(crate) fn unanswered(failure: Failure) -> SendOutcome {
    let unknown = |cause| SendOutcome::Unknown { cause, http_status: None };
    match failure {
        Failure::NotSent(reason) => {
            let reason = reason.as_str().to_owned();
            SendOutcome::NotSent { reason, http_status: None, retry_after: None }
        }
        Failure::TimedOut => unknown(UnknownCause::Timeout),
        Failure::ConnectionLost => unknown(UnknownCause::ConnectionLost),
    }
}

#[cfg(test)]
mod tests;
