//! Taking the head of the queue.

use super::{
    row::{self, Verdict},
    start::start,
};
use crate::{
    columns::{Lossy, Micros},
    doubt,
    expiry::expire,
    transaction::Tx,
};
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, MessageId, NewMessage, Ordering, RejectedRow,
};
use std::{collections::HashSet, ops::ControlFlow, time::Duration};

/// Takes the head of the queue: bad rows become `rejected`, good ones `sending`.
pub(super) fn take(
    tx: &Tx<'_>,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
    paced: bool,
) -> rusqlite::Result<Claim> {
    let expired = expire(tx, AT_ONCE)?;
    let empty = |next_due_in, rejected, expired| Claim {
        result: ClaimResult::Empty { next_due_in },
        rejected,
        expired,
        alarms: vec![],
    };
    if expired.len() == AT_ONCE as usize || promote(tx)? == AT_ONCE as usize {
        // More may be over, or may have fallen due and come first: ask again at once.
        return Ok(empty(Some(Duration::ZERO), vec![], expired));
    }
    let Picked { good, bad, late } = pick(tx, request, max, ordering)?;
    for row in &bad {
        reject(tx, row)?;
    }
    for id in &late {
        doubt::again(tx, *id)?;
    }
    if !good.is_empty() {
        let messages = start(tx, request, good, paced)?;
        let result = ClaimResult::Started(messages);
        return Ok(Claim { result, rejected: bad, expired, alarms: vec![] });
    }
    let made_way = !bad.is_empty() || !late.is_empty();
    let next_due_in = if made_way { Some(Duration::ZERO) } else { next_due(tx)? };
    Ok(empty(next_due_in, bad, expired))
}

/// So many of a kind in one transaction and no more: with a million of them the
/// deadline would end it, undo all of it, and do the same to the next one, for
/// ever.
const AT_ONCE: u32 = 1000;

/// Messages that have fallen due rejoin the queue at their place.
fn promote(tx: &Tx<'_>) -> rusqlite::Result<usize> {
    let sql = "UPDATE messages SET not_before = NULL WHERE id IN ( \
                   SELECT id FROM messages WHERE status = 'queued' AND not_before <= ?1 \
                   ORDER BY not_before LIMIT ?2)";
    tx.execute(sql, (Micros(tx.now), AT_ONCE))
}

fn next_due(tx: &Tx<'_>) -> rusqlite::Result<Option<Duration>> {
    let sql = "SELECT min(not_before) FROM messages WHERE status = 'queued' AND not_before > ?1";
    let due: Option<Micros> = tx.query_row(sql, [Micros(tx.now)], |row| row.get(0))?;
    Ok(due.map(|due| Duration::try_from(due.0.duration_since(tx.now)).unwrap_or_default()))
}

#[derive(Default)]
struct Picked {
    good: Vec<(MessageId, NewMessage)>,
    bad: Vec<RejectedRow>,
    /// Resends whose time is over.
    late: Vec<MessageId>,
}

/// Walks the queue until enough are found: bad and late rows take nobody's
/// place.
fn pick(
    tx: &Tx<'_>,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
) -> rusqlite::Result<Picked> {
    let one_each = ordering == Ordering::Recipient;
    let mut in_flight = if one_each { lanes_in_flight(tx)? } else { HashSet::new() };
    let mut picked = Picked::default();
    tx.walk(HEAD_OF_QUEUE, [], |row| {
        match row::read(row, &request.limits, tx.now)? {
            (id, Verdict::Late) => picked.late.push(id),
            (id, Verdict::Bad(reason)) => picked.bad.push(RejectedRow { id, reason }),
            (_, Verdict::Good(message))
                if one_each && !in_flight.insert(message.phone_number.recipient_key()) => {}
            (id, Verdict::Good(message)) => picked.good.push((id, message)),
        }
        let enough = picked.good.len() >= max as usize;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(picked)
}

/// In a file of its own, so that a test can ask for its plan.
const HEAD_OF_QUEUE: &str = include_str!("head_of_queue.sql");

fn lanes_in_flight(tx: &Tx<'_>) -> rusqlite::Result<HashSet<String>> {
    let sql = "SELECT lane FROM messages WHERE status = 'sending'";
    let lanes = tx.query(sql, [], |row| row.get::<_, Lossy>(0))?;
    Ok(lanes.into_iter().map(|lane| lane.0).collect())
}

fn reject(tx: &Tx<'_>, row: &RejectedRow) -> rusqlite::Result<usize> {
    let sql = "UPDATE messages SET status = 'rejected', sent = NULL, status_reason = ?2 \
               WHERE id = ?1";
    tx.execute(sql, (row.id.0, row.reason.as_str()))
}
