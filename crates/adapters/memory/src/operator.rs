//! What operators decide.

use crate::{MessageRow, records, tables::Tables};
use dispatcher_domain::{
    Change, MessageId, OperatorRequest, Ruling, Standing, Status,
    ports::{Decided, Decision},
};
use jiff::Timestamp;
use std::time::Duration;

pub(crate) fn decide(
    tables: &mut Tables,
    id: MessageId,
    request: &OperatorRequest,
    key_window: Duration,
    now: Timestamp,
) -> Decided {
    let Some(row) = tables.messages.get(&id) else { return Decided::NotFound };
    let standing = standing(tables, row, now);
    let ruling = match request.judge(&standing, key_window) {
        Ok(ruling) => ruling,
        Err(refusal) => return Decided::Refused(refusal),
    };
    let Some(row) = tables.messages.get_mut(&id) else { return Decided::NotFound };
    if let Ruling::Change(change) = &ruling {
        write(row, change, now);
    }
    let after = records::summary(row);
    Decided::Done(Decision {
        was: standing.status,
        status: after.status,
        changed: ruling != Ruling::AlreadySo,
        maybe_sent: after.maybe_sent(),
        key: after.key,
    })
}

fn standing(tables: &Tables, row: &MessageRow, now: Timestamp) -> Standing {
    let under_this_key = tables
        .attempts
        .iter()
        .filter(|attempt| attempt.message_uuid == row.uuid && attempt.key_epoch == row.key_epoch)
        .filter(|attempt| attempt.may_have_left());
    let first = under_this_key.map(|attempt| attempt.started_at).min();
    Standing {
        status: row.status,
        attempt: row.attempt,
        unknown_outcomes: row.unknown_outcomes.unsigned_abs(),
        key_age: first.map(|at| Duration::try_from(now.duration_since(at)).unwrap_or_default()),
        provider_message_id: row.provider_message_id.clone(),
    }
}

fn write(row: &mut MessageRow, change: &Change, now: Timestamp) {
    row.become_status(change.status, Some(change.reason.clone()));
    row.not_before = None;
    row.resend_until = None;
    row.lease_token = None;
    row.key_epoch += i32::from(change.new_key);
    if change.status == Status::Queued {
        row.tries_used = 0;
        row.expires_at = row.expires_at.filter(|end| *end > now);
    }
    if change.settled {
        row.unknown_outcomes = 0;
    }
    if change.status == Status::Sent {
        row.sent_at = Some(now);
    }
    if let Some(id) = &change.provider_message_id {
        row.provider_message_id = Some(id.as_str().to_owned());
    }
}
