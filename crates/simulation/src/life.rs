//! The life of a message, as `docs/delivery.md` draws it: which step may follow
//! which, and who may take it. Two guards hide each other's absence from the
//! promises for a long time; a step that nobody may take shows at once.

use crate::plan::{DEADLINE, GRACE, LEASE};
use dispatcher_domain::{Lease, MessageId, Status};
use dispatcher_memory::MessageRow;
use jiff::Timestamp;
use std::collections::HashMap;

/// The rows at the last look.
#[derive(Default)]
pub(crate) struct Lives(HashMap<MessageId, MessageRow>);

impl Lives {
    /// Each row has taken one step at most since the last look; the first one
    /// that is none.
    pub(crate) fn look(&mut self, rows: &[MessageRow], now: Timestamp) -> Option<String> {
        let mut wrong = None;
        for row in rows {
            let Some(was) = self.0.insert(row.id, row.clone()) else { continue };
            if !may_follow(&was, row) {
                wrong.get_or_insert_with(|| format!("no step of its life: {}", step(&was, row)));
            }
            if is_rescue(&was, row) && was.lease_until.is_some_and(|until| until + GRACE >= now) {
                wrong.get_or_insert_with(|| format!("rescued too soon: {}", step(&was, row)));
            }
        }
        wrong
    }
}

fn may_follow(was: &MessageRow, is: &MessageRow) -> bool {
    use Status::{Canceled, Expired, Failed, Queued, Rejected, Sending, Sent, Unconfirmed};
    let starts = (was.status, is.status) == (Queued, Sending);
    if is.attempt != was.attempt + i32::from(starts) || is.key_epoch < was.key_epoch {
        return false;
    }
    let reason = is.status_reason.as_ref().map_or("", |reason| reason.as_str());
    let by_operator = reason == "requeued_by_operator";
    match (was.status, is.status) {
        (was, is) if was == is => true,
        (Sent, _) => false,
        // Proof of acceptance wins over every status.
        (_, Sent) => true,
        (Queued, Sending | Rejected | Expired | Canceled) => true,
        (Queued, Unconfirmed) => reason == "key_window_over",
        (Sending, Queued | Failed | Unconfirmed) => true,
        (Unconfirmed, Queued) => by_operator || reason == "resend",
        (Unconfirmed, Failed) => true,
        (Failed | Canceled | Expired, Queued) => by_operator,
        _ => false,
    }
}

fn is_rescue(was: &MessageRow, is: &MessageRow) -> bool {
    let reason = is.status_reason.as_ref().map_or("", |reason| reason.as_str());
    was.status == Status::Sending && is.status == Status::Unconfirmed && reason == "lease_expired"
}

fn step(was: &MessageRow, is: &MessageRow) -> String {
    format!(
        "message {}: {:?}, attempt {} → {:?} ({}), attempt {}",
        is.id,
        was.status,
        was.attempt,
        is.status,
        is.status_reason.as_ref().map_or("-", |reason| reason.as_str()),
        is.attempt
    )
}

/// The rows that a call has changed although it was not its to change.
pub(crate) fn strangers(
    before: &[MessageRow],
    after: &[MessageRow],
    may_change: impl Fn(&MessageRow) -> bool,
) -> Option<String> {
    let changed = before.iter().zip(after).find(|(was, is)| {
        let told = |row: &MessageRow| (row.status, row.attempt, row.unknown_outcomes);
        told(was) != told(is) && !may_change(was)
    });
    changed.map(|(was, is)| step(was, is))
}

/// Whether this is the send that the row waits for.
pub(crate) fn waits_for(row: &MessageRow, lease: &Lease) -> bool {
    row.status == Status::Sending
        && row.attempt == lease.attempt
        && row.lease_token == Some(lease.token)
}

/// Whether a POST that begins now is over before its lease is: the clock of its
/// replica may go a little wrong in between.
pub(crate) fn is_covered(started_at: Timestamp, now: Timestamp) -> bool {
    now + DEADLINE <= started_at + LEASE
}
