//! Taking the head of the queue.

use super::{
    start::start,
    times::{Settled, next_due, settle},
};
use crate::{expiry::expire, transaction::Transaction};
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, MessageId, NewMessage, Ordering, QueuedRow, RejectedRow,
    StatusReason, ports::StoreError,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::types::Type;

/// Takes the head of the queue: bad rows become `rejected`, good ones `sending`.
pub(super) async fn take(
    tx: &Transaction,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
    now: Timestamp,
    paced: bool,
) -> Result<Claim, StoreError> {
    let Settled { mut expired, more } = settle(tx, now).await?;
    if more {
        // What follows may come first: ask again at once.
        return Ok(empty(Some(Duration::ZERO), vec![], expired));
    }
    let (mut rejected, mut made_way, mut picked) = (Vec::new(), false, Vec::new());
    // Bad rows take nobody's place: those behind them move up. A bound keeps the
    // transaction short, and the caller asks again at once.
    for _ in 0..REJECT_ROUNDS {
        let Picked { good, bad, late, over } = pick(tx, request, max, ordering, now).await?;
        reject(tx, &bad).await?;
        doubt_again(tx, &late).await?;
        expire(tx, &over).await?;
        let found_bad = !bad.is_empty() || !late.is_empty() || !over.is_empty();
        made_way |= found_bad;
        rejected.extend(bad);
        expired.extend(over);
        picked = good;
        if !found_bad {
            break;
        }
    }
    if picked.is_empty() {
        let next_due_in = if made_way { Some(Duration::ZERO) } else { next_due(tx, now).await? };
        return Ok(empty(next_due_in, rejected, expired));
    }
    let messages = start(tx, request, picked, ordering, now, paced).await?;
    Ok(Claim { result: ClaimResult::Started(messages), rejected, expired, alarms: vec![] })
}

fn empty(
    next_due_in: Option<Duration>,
    rejected: Vec<RejectedRow>,
    expired: Vec<MessageId>,
) -> Claim {
    Claim { result: ClaimResult::Empty { next_due_in }, rejected, expired, alarms: vec![] }
}

const REJECT_ROUNDS: usize = 20;

/// What the head of the queue consists of.
#[derive(Default)]
struct Picked {
    good: Vec<(MessageId, NewMessage)>,
    bad: Vec<RejectedRow>,
    /// Resends whose time is over.
    late: Vec<i64>,
    /// They expire. Few: somebody held them when all others were taken out.
    over: Vec<MessageId>,
}

async fn pick(
    tx: &Transaction,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
    now: Timestamp,
) -> Result<Picked, StoreError> {
    let sql = if ordering == Ordering::Recipient { HEADS_OF_LANES } else { HEAD_OF_QUEUE };
    let rows = tx.query(sql, &[(&i64::from(max), Type::INT8)]).await?;
    let mut picked = Picked::default();
    for row in rows {
        let id = MessageId(row.get("id"));
        let is_over =
            |column| row.get::<_, Option<Timestamp>>(column).is_some_and(|until| until <= now);
        if is_over("expires_at") {
            picked.over.push(id);
            continue;
        }
        if is_over("resend_until") {
            picked.late.push(id.0);
            continue;
        }
        let text = QueuedRow { phone_number: row.get("phone_number"), content: row.get("content") };
        match text.parse(&request.limits) {
            Ok(message) => picked.good.push((id, message)),
            Err(reason) => picked.bad.push(RejectedRow { id, reason }),
        }
    }
    Ok(picked)
}

/// In files of their own, so that a test can ask the server for their plans.
const HEAD_OF_QUEUE: &str = include_str!("head_of_queue.sql");
const HEADS_OF_LANES: &str = include_str!("heads_of_lanes.sql");

async fn reject(tx: &Transaction, rows: &[RejectedRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.id.0).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason.as_str()).collect();
    let sql = "UPDATE messages m SET status = 'rejected', sent = NULL, status_reason = bad.reason \
               FROM unnest($1::bigint[], $2::text[]) AS bad (id, reason) \
               WHERE m.id = bad.id AND m.status = 'queued'";
    tx.execute(sql, &[(&ids, Type::INT8_ARRAY), (&reasons, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

/// A provider that has forgotten the key would take these for new messages:
/// they are in doubt again, and cost nothing.
async fn doubt_again(tx: &Transaction, late: &[i64]) -> Result<(), StoreError> {
    if late.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE messages SET status = 'unconfirmed', sent = NULL, status_reason = $2, \
                   resend_until = NULL, next_probe_at = 'epoch' \
               WHERE id = ANY ($1) AND status = 'queued'";
    let reason = StatusReason::KEY_WINDOW_OVER;
    tx.execute(sql, &[(&late, Type::INT8_ARRAY), (&reason.as_str(), Type::TEXT)]).await?;
    Ok(())
}
