//! Recording how a send ended: fenced, unless it is proof of acceptance.

use crate::{
    control_row::{self, millis},
    transaction::{Param, Transaction},
};
use dispatcher_domain::{
    Completion, Effect, Lease, MessageId, Status, StatusReason,
    ports::{Recorded, StoreError},
};
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::types::Type;

pub(crate) async fn record(
    tx: Transaction,
    id: MessageId,
    lease: &Lease,
    completion: &Completion,
) -> Result<Recorded, StoreError> {
    let now = end_claim(&tx, lease, completion).await?;
    let recorded = if apply(&tx, id, lease, &completion.effect, now).await? {
        Recorded::Applied
    } else if apply_late(&tx, lease, completion).await? {
        Recorded::AppliedLate
    } else {
        Recorded::Fenced
    };
    let replayed = note(&tx, lease, completion).await?;
    tx.commit().await?;
    Ok(if replayed { Recorded::Applied } else { recorded })
}

/// Tells the control row, where it has to know, and gives the time of that.
///
/// The control row comes first, as in START: two orders would deadlock.
async fn end_claim(
    tx: &Transaction,
    lease: &Lease,
    completion: &Completion,
) -> Result<Option<Timestamp>, StoreError> {
    if !lease.concerns_control(&completion.signal) {
        return Ok(None);
    }
    let (mut state, now) = control_row::lock(tx).await?;
    // Told again because the answer was lost: one failure is not two.
    if !is_on_record(tx, lease, completion).await? {
        state.finished(now, lease.token, &completion.signal);
        control_row::save(tx, &state).await?;
    }
    Ok(Some(now))
}

async fn is_on_record(
    tx: &Transaction,
    lease: &Lease,
    completion: &Completion,
) -> Result<bool, StoreError> {
    let sql = "SELECT FROM attempts WHERE message_uuid = $1 AND attempt = $2 \
                   AND lease_token = $3 AND outcome = $4";
    let params: [Param<'_>; 4] = [
        (&lease.uuid, Type::UUID),
        (&lease.attempt, Type::INT4),
        (&lease.token.0, Type::UUID),
        (&completion.outcome.class().as_str(), Type::TEXT),
    ];
    Ok(tx.query_opt(sql, &params).await?.is_some())
}

/// What an effect writes into the row.
struct Columns<'a> {
    status: Status,
    reason: Option<&'a StatusReason>,
    not_before_ms: Option<i64>,
    provider_message_id: Option<&'a str>,
    unknown: i32,
}

impl<'a> Columns<'a> {
    fn of(effect: &'a Effect) -> Self {
        let plain = |status, reason| Self {
            status,
            reason,
            not_before_ms: None,
            provider_message_id: None,
            unknown: 0,
        };
        match effect {
            Effect::Sent { provider_message_id: Some(id) } => {
                Self { provider_message_id: Some(id.as_str()), ..plain(Status::Sent, None) }
            }
            Effect::Sent { provider_message_id: None } => {
                plain(Status::Sent, Some(&StatusReason::RECEIPT_MALFORMED))
            }
            Effect::Requeue { after, reason } => Self {
                not_before_ms: (*after > Duration::ZERO).then(|| millis(*after)),
                ..plain(Status::Queued, Some(reason))
            },
            Effect::Fail { reason } => plain(Status::Failed, Some(reason)),
            Effect::Park { reason } => {
                Self { unknown: 1, ..plain(Status::Unconfirmed, Some(reason)) }
            }
        }
    }
}

/// The owner's completion. All four guards stand in the WHERE clause: status,
/// token, attempt, and the uuid for ids that a TRUNCATE gave away again.
async fn apply(
    tx: &Transaction,
    id: MessageId,
    lease: &Lease,
    effect: &Effect,
    now: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let columns = Columns::of(effect);
    // The token stays on `unconfirmed` rows: a late refusal must match it. A
    // throttled message is due at the very moment that the throttle ends, or a
    // younger one would slip in before it: hence one time for both.
    let sql = "\
        UPDATE messages SET status = $5, sent = $6, status_reason = $7, \
            not_before = coalesce($11, dispatch_now()) + $8 * interval '1 millisecond', \
            provider_message_id = coalesce($9, provider_message_id), \
            sent_at = CASE WHEN $5 = 'sent' THEN dispatch_now() ELSE sent_at END, \
            tries_used = tries_used + $10, unknown_outcomes = unknown_outcomes + $10, \
            resend_until = CASE WHEN $5 = 'queued' THEN resend_until END, \
            lease_until = NULL, lane_exclusive = FALSE \
        WHERE id = $1 AND uuid = $2 AND lease_token = $3 AND attempt = $4 AND status = 'sending'";
    let touched = tx
        .execute(
            sql,
            &[
                (&id.0, Type::INT8),
                (&lease.uuid, Type::UUID),
                (&lease.token.0, Type::UUID),
                (&lease.attempt, Type::INT4),
                (&columns.status.as_str(), Type::TEXT),
                (&columns.status.legacy_sent(), Type::BOOL),
                (&columns.reason.map(StatusReason::as_str), Type::TEXT),
                (&columns.not_before_ms, Type::INT8),
                (&columns.provider_message_id, Type::TEXT),
                (&columns.unknown, Type::INT4),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// What counts although the message is no longer ours: proof of acceptance,
/// always; a refusal, while nothing else has happened since.
async fn apply_late(
    tx: &Transaction,
    lease: &Lease,
    completion: &Completion,
) -> Result<bool, StoreError> {
    let owner: [Param<'_>; 3] =
        [(&lease.uuid, Type::UUID), (&lease.attempt, Type::INT4), (&lease.token.0, Type::UUID)];
    let touched = match &completion.effect {
        Effect::Sent { provider_message_id } => {
            let provider_id = provider_message_id.as_ref().map(|id| id.as_str());
            let [uuid, attempt, token] = owner;
            tx.execute(LATE_ACCEPTANCE, &[uuid, attempt, token, (&provider_id, Type::TEXT)]).await?
        }
        Effect::Fail { reason } => {
            let [uuid, attempt, token] = owner;
            let reason = reason.as_str();
            tx.execute(LATE_REFUSAL, &[uuid, attempt, token, (&reason, Type::TEXT)]).await?
        }
        Effect::Requeue { .. } | Effect::Park { .. } => 0,
    };
    Ok(touched == 1)
}

const LATE_ACCEPTANCE: &str = "\
    UPDATE messages SET status = 'sent', sent = TRUE, status_reason = 'accepted_late', \
        not_before = NULL, resend_until = NULL, lease_until = NULL, lane_exclusive = FALSE, \
        sent_at = dispatch_now(), provider_message_id = coalesce($4, provider_message_id) \
    WHERE uuid = $1 AND status NOT IN ('sent', 'delivered', 'undelivered') \
      AND EXISTS (SELECT 1 FROM attempts \
          WHERE message_uuid = $1 AND attempt = $2 AND lease_token = $3)";

/// The rescue counted this attempt as unknown; now it is known.
const LATE_REFUSAL: &str = "\
    UPDATE messages SET status = 'failed', status_reason = $4, \
        unknown_outcomes = greatest(unknown_outcomes - 1, 0) \
    WHERE uuid = $1 AND attempt = $2 AND lease_token = $3 AND status = 'unconfirmed'";

/// Ends the attempt's record; answers whether it had ended just so before,
/// which means that this call repeats one whose answer was lost.
async fn note(
    tx: &Transaction,
    lease: &Lease,
    completion: &Completion,
) -> Result<bool, StoreError> {
    let outcome = &completion.outcome;
    let provider_id = match &completion.effect {
        Effect::Sent { provider_message_id } => provider_message_id.as_ref().map(|id| id.as_str()),
        _ => None,
    };
    let sql = "\
        WITH before AS MATERIALIZED ( \
            SELECT message_uuid, attempt, outcome FROM attempts \
            WHERE message_uuid = $1 AND attempt = $2 AND lease_token = $3 FOR UPDATE) \
        UPDATE attempts a SET finished_at = coalesce(a.finished_at, dispatch_now()), outcome = $4, \
            reason = $5, http_status = $6, provider_message_id = $7 \
        FROM before b WHERE a.message_uuid = b.message_uuid AND a.attempt = b.attempt \
        RETURNING b.outcome";
    let row = tx
        .query_opt(
            sql,
            &[
                (&lease.uuid, Type::UUID),
                (&lease.attempt, Type::INT4),
                (&lease.token.0, Type::UUID),
                (&outcome.class().as_str(), Type::TEXT),
                (&StatusReason::for_outcome(outcome).as_str(), Type::TEXT),
                (&outcome.http_status().map(i32::from), Type::INT4),
                (&provider_id, Type::TEXT),
            ],
        )
        .await?;
    let before = row.and_then(|row| row.get::<_, Option<String>>(0));
    Ok(before.as_deref() == Some(outcome.class().as_str()))
}
