//! What reads the provider's answers, for the fuzz targets.

use crate::{classify::Rules, look_up, retry_after};
use dispatcher_domain::{LookUp, SendOutcome};
use jiff::Timestamp;
use std::time::Duration;

/// The outcome of a POST that was answered.
#[must_use]
pub fn answered(
    not_sent_statuses: &[u16],
    idempotent: bool,
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
) -> SendOutcome {
    let rules = Rules { not_sent_statuses: not_sent_statuses.to_vec(), idempotent };
    rules.answered(status, retry_after, body)
}

/// What an answer to a look-up tells.
#[must_use]
pub fn looked_up(status: u16, body: &[u8]) -> LookUp {
    look_up::answered(status, body)
}

/// How long a `Retry-After` asks to wait.
#[must_use]
pub fn wait_asked_for(text: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    retry_after::parse(text, date, now)
}
