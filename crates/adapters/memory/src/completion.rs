//! How sends end: recorded, given back, or rescued.

use crate::{AttemptRow, MessageRow, tables::Tables};
use dispatcher_domain::{
    Completion, Effect, Lease, LeaseToken, MessageId, ProviderSignal, Status, StatusReason,
    ports::{Recorded, Rescued},
};
use jiff::Timestamp;
use std::time::Duration;

pub(crate) fn record(
    tables: &mut Tables,
    id: MessageId,
    lease: &Lease,
    completion: &Completion,
    now: Timestamp,
) -> Recorded {
    let class = completion.outcome.class().as_str();
    // Told again because the answer was lost: one failure is not two.
    let told = tables.attempt(lease).is_some_and(|attempt| attempt.outcome == Some(class));
    if !told && lease.concerns_control(&completion.signal) {
        tables.control.finished(now, lease.token, &completion.signal);
    }
    let recorded = if let Some(row) = tables.owned(id, lease) {
        apply(row, &completion.effect, now);
        Recorded::Applied
    } else if apply_late(tables, lease, &completion.effect, now) {
        Recorded::AppliedLate
    } else {
        Recorded::Fenced
    };
    let Some(attempt) = tables.attempt(lease) else { return recorded };
    attempt.http_status = completion.outcome.http_status();
    let reason = StatusReason::for_outcome(&completion.outcome).as_str().to_owned();
    let before = attempt.end(now, class, Some(reason));
    if before == Some(class) { Recorded::Applied } else { recorded }
}

fn apply(row: &mut MessageRow, effect: &Effect, now: Timestamp) {
    row.lease_until = None;
    match effect {
        Effect::Sent { provider_message_id } => {
            let malformed = provider_message_id.is_none();
            row.become_status(Status::Sent, malformed.then_some(StatusReason::RECEIPT_MALFORMED));
            row.provider_message_id = provider_message_id.as_ref().map(|id| id.as_str().to_owned());
            row.sent_at = Some(now);
            row.resend_until = None;
        }
        Effect::Requeue { after, reason } => {
            row.become_status(Status::Queued, Some(reason.clone()));
            row.not_before = (!after.is_zero()).then(|| now + *after);
        }
        Effect::Fail { reason } => {
            row.become_status(Status::Failed, Some(reason.clone()));
            row.resend_until = None;
        }
        Effect::Park { reason } => park(row, reason.clone()),
    }
}

fn park(row: &mut MessageRow, reason: StatusReason) {
    row.become_status(Status::Unconfirmed, Some(reason));
    row.lease_until = None;
    row.resend_until = None;
    row.tries_used += 1;
    row.unknown_outcomes += 1;
}

fn apply_late(tables: &mut Tables, lease: &Lease, effect: &Effect, now: Timestamp) -> bool {
    let on_record = tables.attempt(lease).is_some();
    let row = tables.messages.values_mut().find(|row| row.uuid == lease.uuid);
    let Some(row) = row.filter(|_| on_record) else { return false };
    match effect {
        Effect::Sent { provider_message_id } if !row.status.is_accepted() => {
            row.become_status(Status::Sent, Some(StatusReason::of("accepted_late")));
            row.lease_until = None;
            row.not_before = None;
            row.resend_until = None;
            row.sent_at = Some(now);
            row.provider_message_id = provider_message_id.as_ref().map(|id| id.as_str().to_owned());
            true
        }
        Effect::Fail { reason }
            if row.status == Status::Unconfirmed
                && row.attempt == lease.attempt
                && row.lease_token == Some(lease.token) =>
        {
            row.become_status(Status::Failed, Some(reason.clone()));
            row.unknown_outcomes = (row.unknown_outcomes - 1).max(0);
            true
        }
        _ => false,
    }
}

pub(crate) fn release(tables: &mut Tables, id: MessageId, lease: &Lease, now: Timestamp) -> bool {
    if lease.paced {
        tables.control.finished(now, lease.token, &ProviderSignal::Silent);
    }
    let Some(row) = tables.owned(id, lease) else { return false };
    free(row);
    if let Some(attempt) = tables.attempt(lease) {
        attempt.end(now, "released", None);
    }
    true
}

pub(crate) fn release_claim(tables: &mut Tables, token: LeaseToken, now: Timestamp) -> u64 {
    let mut freed = Vec::new();
    for row in tables.messages.values_mut() {
        if row.status == Status::Sending && row.lease_token == Some(token) {
            free(row);
            freed.push((row.uuid, row.attempt));
        }
    }
    // The attempt of a message that has moved on since stays as it is.
    let is_freed = |row: &&mut AttemptRow| freed.contains(&(row.message_uuid, row.attempt));
    tables.attempts.iter_mut().filter(is_freed).for_each(|row| {
        row.end(now, "released", None);
    });
    // A claim that never took effect left no trace, and must cost no tick.
    if !freed.is_empty() || tables.control.awaits(token) {
        tables.control.finished(now, token, &ProviderSignal::Silent);
    }
    freed.len() as u64
}

fn free(row: &mut MessageRow) {
    row.become_status(Status::Queued, Some(StatusReason::RELEASED));
    row.lease_token = None;
    row.lease_until = None;
}

pub(crate) fn rescue(
    tables: &mut Tables,
    grace: Duration,
    limit: u32,
    now: Timestamp,
) -> Vec<Rescued> {
    let sending = |row: &&mut MessageRow| row.status == Status::Sending;
    tables.messages.values_mut().filter(sending).for_each(|row| mend_lease(row, now));
    let mut expired: Vec<&mut MessageRow> = tables
        .messages
        .values_mut()
        .filter(sending)
        .filter(|row| row.lease_until.is_some_and(|until| until + grace < now))
        .collect();
    expired.sort_by_key(|row| row.lease_until);
    expired.truncate(limit as usize);
    let mut rescued = Vec::new();
    for row in expired {
        park(row, StatusReason::LEASE_EXPIRED);
        rescued.push((row.uuid, Rescued { id: row.id, attempt: row.attempt }));
    }
    for (uuid, Rescued { attempt, .. }) in &rescued {
        let noted = |row: &&mut AttemptRow| row.message_uuid == *uuid && row.attempt == *attempt;
        if let Some(row) = tables.attempts.iter_mut().find(noted) {
            row.end(now, "abandoned", Some(StatusReason::LEASE_EXPIRED.as_str().to_owned()));
        }
    }
    rescued.sort_by_key(|(_, rescued)| rescued.id);
    rescued.into_iter().map(|(_, rescued)| rescued).collect()
}

/// A lease that ends further ahead than twice its length was given before the
/// clock was set back; it gets its length anew.
fn mend_lease(row: &mut MessageRow, now: Timestamp) {
    let (Some(started), Some(until)) = (row.started_at, row.lease_until) else { return };
    let length = until.duration_since(started);
    if until.duration_since(now) > length * 2 {
        row.started_at = Some(now);
        row.lease_until = Some(now + length);
    }
}
