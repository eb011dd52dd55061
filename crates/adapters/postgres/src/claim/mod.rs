//! START: from `queued` to `sending`, one short transaction.
//!
//! The control row is locked first, so that STARTs of all replicas form one
//! line, and every statement after it sees what the ones before committed.
//! Where nothing is paced (no quota, no strict order, provider well) no row is
//! left that all wait for: a shared advisory lock keeps the door for stop.

use crate::{
    control_row::{self, GATE, millis},
    transaction::Transaction,
};
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, ClaimedMessage, ControlState, Hold, HoldReason,
    IdempotencyKey, Lease, MessageId, NewMessage, Ordering, QueuedRow, RejectedRow,
    ports::StoreError,
};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};
use tokio_postgres::types::Type;
use uuid::Uuid;

/// START through the control row. Also tells whether that was needed.
pub(crate) async fn gated(
    tx: Transaction,
    request: &ClaimRequest,
) -> Result<(Claim, bool), StoreError> {
    let (mut state, now) = control_row::lock(&tx).await?;
    let alarms = state.mend_clock(now);
    if !alarms.is_empty() {
        control_row::save(&tx, &state).await?;
    }
    let paced = state.is_paced(now);
    let admission = match state.admit(now, request.want) {
        Ok(admission) => admission,
        Err(hold) => {
            // Only mended times are worth a commit.
            if alarms.is_empty() {
                tx.rollback().await?
            } else {
                tx.commit().await?
            }
            return Ok((
                Claim { result: ClaimResult::Held(hold), rejected: vec![], alarms },
                paced,
            ));
        }
    };
    let ordering = state.policy.ordering;
    let taken = take(&tx, request, admission.max, ordering, now, paced).await?;
    if let ClaimResult::Started(messages) = &taken.result {
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        state.started(now, count, request.token, request.lease);
        control_row::save(&tx, &state).await?;
    }
    tx.commit().await?;
    Ok((Claim { alarms, ..taken }, paced))
}

/// START beside the control row; `None` when the queue is paced after all.
pub(crate) async fn ungated(
    tx: Transaction,
    request: &ClaimRequest,
) -> Result<Option<Claim>, StoreError> {
    tx.execute("SELECT pg_advisory_xact_lock_shared($1)", &[(&GATE, Type::INT8)]).await?;
    let (state, now) = control_row::read(&tx).await?;
    if state.is_paced(now) {
        tx.rollback().await?;
        return Ok(None);
    }
    if !state.enabled {
        tx.rollback().await?;
        return Ok(Some(held(HoldReason::Stopped)));
    }
    let claim = take_ungated(tx, request, &state, now).await?;
    Ok(Some(claim))
}

async fn take_ungated(
    tx: Transaction,
    request: &ClaimRequest,
    state: &ControlState,
    now: Timestamp,
) -> Result<Claim, StoreError> {
    match take(&tx, request, request.want, state.policy.ordering, now, false).await {
        Ok(claim) => {
            tx.commit().await?;
            Ok(claim)
        }
        // Another START took a message to the same recipient at this moment:
        // the index on lanes kept them apart. Look again in a moment.
        Err(StoreError::Unexpected(error)) if is_lane_taken(error.as_ref()) => {
            Ok(held(HoldReason::Busy))
        }
        Err(error) => Err(error),
    }
}

fn held(reason: HoldReason) -> Claim {
    let for_at_least = (reason == HoldReason::Busy).then_some(Duration::ZERO);
    let result = ClaimResult::Held(Hold { reason, for_at_least });
    Claim { result, rejected: vec![], alarms: vec![] }
}

fn is_lane_taken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::as_db_error)
        .is_some_and(|error| error.constraint() == Some("messages_one_in_flight_per_lane"))
}

/// Takes the head of the queue: bad rows become `rejected`, good ones `sending`.
async fn take(
    tx: &Transaction,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
    now: Timestamp,
    paced: bool,
) -> Result<Claim, StoreError> {
    promote(tx, now).await?;
    let mut rejected = Vec::new();
    // Bad rows take nobody's place; a bound keeps the transaction short, and
    // the caller asks again at once.
    for _ in 0..REJECT_ROUNDS {
        let (good, bad) = pick(tx, request, max, ordering).await?;
        reject(tx, &bad).await?;
        let found_bad = !bad.is_empty();
        rejected.extend(bad);
        if !good.is_empty() {
            let messages = start(tx, request, good, ordering, now, paced).await?;
            return Ok(Claim { result: ClaimResult::Started(messages), rejected, alarms: vec![] });
        }
        if !found_bad {
            break;
        }
    }
    let next_due_in =
        if rejected.is_empty() { next_due(tx, now).await? } else { Some(Duration::ZERO) };
    Ok(Claim { result: ClaimResult::Empty { next_due_in }, rejected, alarms: vec![] })
}

const REJECT_ROUNDS: usize = 20;

/// Messages that have fallen due rejoin the queue at their place.
async fn promote(tx: &Transaction, now: Timestamp) -> Result<(), StoreError> {
    let sql = "WITH fallen_due AS MATERIALIZED ( \
                   SELECT id FROM messages WHERE status = 'queued' AND not_before <= $1 \
                   ORDER BY not_before LIMIT 1000 FOR UPDATE SKIP LOCKED) \
               UPDATE messages SET not_before = NULL \
               WHERE id = ANY (ARRAY(SELECT id FROM fallen_due))";
    while tx.execute(sql, &[(&now, Type::TIMESTAMPTZ)]).await? == 1000 {}
    Ok(())
}

async fn next_due(tx: &Transaction, now: Timestamp) -> Result<Option<Duration>, StoreError> {
    let sql = "SELECT min(not_before) FROM messages \
               WHERE status = 'queued' AND not_before IS NOT NULL";
    let row = tx.query_opt(sql, &[]).await?;
    let due = row.and_then(|row| row.get::<_, Option<Timestamp>>(0));
    Ok(due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default()))
}

type Picked = (Vec<(MessageId, NewMessage)>, Vec<RejectedRow>);

async fn pick(
    tx: &Transaction,
    request: &ClaimRequest,
    max: u32,
    ordering: Ordering,
) -> Result<Picked, StoreError> {
    let sql = if ordering == Ordering::Recipient { HEADS_OF_LANES } else { HEAD_OF_QUEUE };
    let rows = tx.query(sql, &[(&i64::from(max), Type::INT8)]).await?;
    let mut picked: Picked = (Vec::new(), Vec::new());
    for row in rows {
        let id = MessageId(row.get("id"));
        let text = QueuedRow { phone_number: row.get("phone_number"), content: row.get("content") };
        match text.parse(&request.limits) {
            Ok(message) => picked.0.push((id, message)),
            Err(reason) => picked.1.push(RejectedRow { id, reason }),
        }
    }
    Ok(picked)
}

const HEAD_OF_QUEUE: &str = "\
    SELECT id, phone_number, content FROM messages \
    WHERE status = 'queued' AND not_before IS NULL \
    ORDER BY priority DESC, created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED";

/// The first message of each recipient that has none in flight.
const HEADS_OF_LANES: &str = "\
    SELECT id, phone_number, content FROM messages m \
    WHERE status = 'queued' AND not_before IS NULL \
      AND NOT EXISTS (SELECT 1 FROM messages s \
          WHERE s.status = 'sending' AND s.lane = m.lane) \
      AND NOT EXISTS (SELECT 1 FROM messages e \
          WHERE e.status = 'queued' AND e.not_before IS NULL AND e.lane = m.lane \
            AND (e.priority > m.priority OR (e.priority = m.priority \
                 AND (e.created_at, e.id) < (m.created_at, m.id)))) \
    ORDER BY priority DESC, created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED";

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

/// Makes the picked rows `sending` and writes their attempts.
async fn start(
    tx: &Transaction,
    request: &ClaimRequest,
    picked: Vec<(MessageId, NewMessage)>,
    ordering: Ordering,
    now: Timestamp,
    paced: bool,
) -> Result<Vec<ClaimedMessage>, StoreError> {
    let ids: Vec<i64> = picked.iter().map(|(id, _)| id.0).collect();
    let sql = "\
        WITH started AS ( \
            UPDATE messages SET status = 'sending', sent = NULL, status_reason = NULL, \
                attempt = attempt + 1, started_at = $3, lease_token = $2, \
                lease_until = $3 + $4 * interval '1 millisecond', lane_exclusive = $5 \
            WHERE id = ANY ($1) AND status = 'queued' \
            RETURNING id, uuid, key_epoch, attempt), \
        noted AS ( \
            INSERT INTO attempts (message_uuid, attempt, message_id, lease_token, instance, started_at) \
            SELECT uuid, attempt, id, $2, $6, $3 FROM started) \
        SELECT id, uuid, key_epoch, attempt FROM started";
    let rows = tx
        .query(
            sql,
            &[
                (&ids, Type::INT8_ARRAY),
                (&request.token.0, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&millis(request.lease), Type::INT8),
                (&(ordering == Ordering::Recipient), Type::BOOL),
                (&request.instance.as_str(), Type::TEXT),
            ],
        )
        .await?;
    // RETURNING has no order; the picked rows have.
    let mut started: HashMap<i64, tokio_postgres::Row> =
        rows.into_iter().map(|row| (row.get("id"), row)).collect();
    Ok(picked
        .into_iter()
        .filter_map(|(id, message)| Some((started.remove(&id.0)?, id, message)))
        .map(|(row, id, message)| claimed(&row, id, message, request, paced))
        .collect())
}

fn claimed(
    row: &tokio_postgres::Row,
    id: MessageId,
    message: NewMessage,
    request: &ClaimRequest,
    paced: bool,
) -> ClaimedMessage {
    let uuid: Uuid = row.get("uuid");
    ClaimedMessage {
        id,
        lease: Lease { uuid, token: request.token, attempt: row.get("attempt"), paced },
        key: IdempotencyKey::new(uuid, row.get("key_epoch")),
        phone_number: message.phone_number,
        body: message.body,
    }
}
