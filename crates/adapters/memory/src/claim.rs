//! START: from `queued` to `sending`.

use crate::{AttemptRow, MessageRow, doubt, expiry::expire, tables::Tables};
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, ClaimedMessage, IdempotencyKey, Lease, MessageId, NewMessage,
    Ordering, QueuedRow, RejectedRow, Status,
};
use jiff::Timestamp;
use std::{collections::HashSet, time::Duration};

pub(crate) fn claim_due(tables: &mut Tables, request: &ClaimRequest, now: Timestamp) -> Claim {
    let alarms = tables.control.mend_clock(now);
    let mut state = tables.control.clone();
    let admission = match state.admit(now, request.want) {
        Ok(admission) => admission,
        Err(hold) => {
            let result = ClaimResult::Held(hold);
            return Claim { result, rejected: vec![], expired: vec![], alarms };
        }
    };
    let paced = state.is_paced(now);
    let expired = expire(tables, u32::MAX, now);
    promote(tables, now);
    let Picked { good, bad: rejected, late } =
        pick(tables, request, admission.max, state.policy.ordering, now);
    if good.is_empty() {
        let made_way = late || !rejected.is_empty();
        let next_due_in = if made_way { Some(Duration::ZERO) } else { next_due(tables, now) };
        return Claim { result: ClaimResult::Empty { next_due_in }, rejected, expired, alarms };
    }
    let count = u32::try_from(good.len()).unwrap_or(u32::MAX);
    state.started(now, count, request.token, request.lease);
    tables.control = state;
    let started = good
        .into_iter()
        .filter_map(|(id, message)| start(tables, request, id, message, now, paced))
        .collect();
    Claim { result: ClaimResult::Started(started), rejected, expired, alarms }
}

/// Messages that have fallen due wait for nothing any more.
fn promote(tables: &mut Tables, now: Timestamp) {
    for row in tables.messages.values_mut().filter(|row| row.is_due(now)) {
        row.not_before = None;
    }
}

/// What the head of the queue consists of.
#[derive(Default)]
struct Picked {
    good: Vec<(MessageId, NewMessage)>,
    bad: Vec<RejectedRow>,
    /// Resends whose time is over were found.
    late: bool,
}

fn pick(
    tables: &mut Tables,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
    now: Timestamp,
) -> Picked {
    let mut due: Vec<&mut MessageRow> =
        tables.messages.values_mut().filter(|row| row.is_due(now) || is_in_flight(row)).collect();
    let mut taken: HashSet<String> =
        due.iter().filter(|row| is_in_flight(row)).map(|row| row.recipient()).collect();
    due.retain(|row| !is_in_flight(row));
    due.sort_by_key(|row| row.queue_order());
    let mut picked = Picked::default();
    for row in due {
        if picked.good.len() >= max as usize {
            break;
        }
        if ordering == Ordering::Recipient && taken.contains(&row.recipient()) {
            continue;
        }
        if row.resend_until.is_some_and(|until| until <= now) {
            doubt::doubt_again(row);
            picked.late = true;
            continue;
        }
        let text = QueuedRow { phone_number: &row.phone_number, content: &row.content };
        match text.parse(&request.limits) {
            Ok(message) => {
                taken.insert(row.recipient());
                picked.good.push((row.id, message));
            }
            Err(reason) => {
                row.become_status(Status::Rejected, Some(reason.clone()));
                picked.bad.push(RejectedRow { id: row.id, reason });
            }
        }
    }
    picked
}

fn is_in_flight(row: &MessageRow) -> bool {
    row.status == Status::Sending
}

fn next_due(tables: &Tables, now: Timestamp) -> Option<Duration> {
    let queued = tables.messages.values().filter(|row| row.status == Status::Queued);
    let next = queued.filter_map(|row| row.not_before).min()?;
    Some(Duration::try_from(next.duration_since(now)).unwrap_or_default())
}

fn start(
    tables: &mut Tables,
    request: &ClaimRequest,
    id: MessageId,
    message: NewMessage,
    now: Timestamp,
    paced: bool,
) -> Option<ClaimedMessage> {
    let row = tables.messages.get_mut(&id)?;
    row.become_status(Status::Sending, None);
    row.not_before = None;
    row.attempt += 1;
    row.started_at = Some(now);
    row.lease_token = Some(request.token);
    row.lease_until = Some(now + request.lease);
    row.next_probe_at = Timestamp::UNIX_EPOCH;
    row.probes = 0;
    row.derived = Some(message.derived());
    let lease = Lease { uuid: row.uuid, token: request.token, attempt: row.attempt, paced };
    let key_epoch = row.key_epoch;
    let key = IdempotencyKey::new(row.uuid, key_epoch);
    tables.attempts.push(AttemptRow {
        message_uuid: lease.uuid,
        attempt: lease.attempt,
        key_epoch,
        lease_token: lease.token,
        instance: request.instance.as_str().to_owned(),
        started_at: now,
        finished_at: None,
        outcome: None,
        reason: None,
        http_status: None,
    });
    Some(ClaimedMessage { id, lease, key, phone_number: message.phone_number, body: message.body })
}
