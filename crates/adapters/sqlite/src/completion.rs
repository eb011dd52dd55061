//! Recording how a send ended: fenced, unless it is proof of acceptance.

use crate::{
    columns::{Micros, micros},
    control_row,
    transaction::Tx,
};
use dispatcher_domain::{
    Completion, Effect, Lease, MessageId, ProviderMessageId, ProviderSignal, Status, StatusReason,
    ports::Recorded,
};
use rusqlite::named_params;
use std::time::Duration;

pub(crate) fn record(
    tx: &Tx<'_>,
    id: MessageId,
    lease: &Lease,
    completion: &Completion,
) -> rusqlite::Result<Recorded> {
    // Told again because the answer was lost: one failure is not two.
    if !is_on_record(tx, lease, completion)? {
        end_claim(tx, lease, &completion.signal)?;
    }
    let recorded = if apply(tx, id, lease, &completion.effect)? {
        Recorded::Applied
    } else if apply_late(tx, lease, &completion.effect)? {
        Recorded::AppliedLate
    } else {
        Recorded::Fenced
    };
    let replayed = note(tx, lease, completion)?;
    Ok(if replayed { Recorded::Applied } else { recorded })
}

fn is_on_record(tx: &Tx<'_>, lease: &Lease, completion: &Completion) -> rusqlite::Result<bool> {
    let owner = (lease.uuid.to_string(), lease.attempt, lease.token.to_string());
    let outcome: Option<Option<String>> = tx.query_opt(OUTCOME, owner, |row| row.get(0))?;
    Ok(outcome.flatten().as_deref() == Some(completion.outcome.class().as_str()))
}

/// Tells the control row, where it has to know.
fn end_claim(tx: &Tx<'_>, lease: &Lease, signal: &ProviderSignal) -> rusqlite::Result<()> {
    if !lease.concerns_control(signal) {
        return Ok(());
    }
    let mut state = control_row::load(tx)?;
    state.finished(tx.now, lease.token, signal);
    control_row::save(tx, &state)
}

/// What an effect writes into the row.
struct Columns<'a> {
    status: Status,
    reason: Option<&'a StatusReason>,
    wait: Option<Duration>,
    provider_message_id: Option<&'a str>,
    unknown: i32,
}

impl<'a> Columns<'a> {
    fn of(effect: &'a Effect) -> Self {
        let plain = |status, reason| Self {
            status,
            reason,
            wait: None,
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
                wait: (!after.is_zero()).then_some(*after),
                ..plain(Status::Queued, Some(reason))
            },
            Effect::Fail { reason } => plain(Status::Failed, Some(reason)),
            Effect::Park { reason } => {
                Self { unknown: 1, ..plain(Status::Unconfirmed, Some(reason)) }
            }
        }
    }
}

/// The token stays on `unconfirmed` rows: a late refusal must match it.
const APPLY: &str = "\
    UPDATE messages SET status = :status, sent = :sent, status_reason = :reason, \
        not_before = :now + :wait, \
        provider_message_id = coalesce(:provider_message_id, provider_message_id), \
        sent_at = CASE WHEN :status = 'sent' THEN :now ELSE sent_at END, \
        tries_used = tries_used + :unknown, unknown_outcomes = unknown_outcomes + :unknown, \
        resend_until = CASE WHEN :status = 'queued' THEN resend_until END, \
        lease_until = NULL \
    WHERE id = :id AND uuid = :uuid AND lease_token = :token AND attempt = :attempt \
      AND status = 'sending'";

/// The owner's completion. All four guards stand in the WHERE clause: status,
/// token, attempt, and the uuid for a file whose ids began anew.
fn apply(tx: &Tx<'_>, id: MessageId, lease: &Lease, effect: &Effect) -> rusqlite::Result<bool> {
    let columns = Columns::of(effect);
    let touched = tx.execute(
        APPLY,
        named_params! {
            ":id": id.0,
            ":uuid": lease.uuid.to_string(),
            ":token": lease.token.to_string(),
            ":attempt": lease.attempt,
            ":status": columns.status.as_str(),
            ":sent": columns.status.legacy_sent(),
            ":reason": columns.reason.map(StatusReason::as_str),
            ":now": Micros(tx.now),
            ":wait": columns.wait.map(micros),
            ":provider_message_id": columns.provider_message_id,
            ":unknown": columns.unknown,
        },
    )?;
    Ok(touched == 1)
}

/// What counts although the message is no longer ours: proof of acceptance,
/// always; a refusal, while nothing else has happened since.
fn apply_late(tx: &Tx<'_>, lease: &Lease, effect: &Effect) -> rusqlite::Result<bool> {
    let (uuid, token) = (lease.uuid.to_string(), lease.token.to_string());
    let touched = match effect {
        Effect::Sent { provider_message_id } => {
            let provider_id = provider_message_id.as_ref().map(ProviderMessageId::as_str);
            let params = (uuid, lease.attempt, token, provider_id, Micros(tx.now));
            tx.execute(LATE_ACCEPTANCE, params)?
        }
        Effect::Fail { reason } => {
            tx.execute(LATE_REFUSAL, (uuid, lease.attempt, token, reason.as_str()))?
        }
        Effect::Requeue { .. } | Effect::Park { .. } => 0,
    };
    Ok(touched == 1)
}

const LATE_ACCEPTANCE: &str = "\
    UPDATE messages SET status = 'sent', sent = 1, status_reason = 'accepted_late', \
        not_before = NULL, resend_until = NULL, lease_until = NULL, sent_at = ?5, \
        provider_message_id = coalesce(?4, provider_message_id) \
    WHERE uuid = ?1 AND status NOT IN ('sent', 'delivered', 'undelivered') \
      AND EXISTS (SELECT 1 FROM attempts \
          WHERE message_uuid = ?1 AND attempt = ?2 AND lease_token = ?3)";

/// The rescue counted this attempt as unknown; now it is known.
const LATE_REFUSAL: &str = "\
    UPDATE messages SET status = 'failed', status_reason = ?4, \
        unknown_outcomes = max(unknown_outcomes - 1, 0) \
    WHERE uuid = ?1 AND attempt = ?2 AND lease_token = ?3 AND status = 'unconfirmed'";

const OUTCOME: &str = "\
    SELECT outcome FROM attempts WHERE message_uuid = ?1 AND attempt = ?2 AND lease_token = ?3";

const NOTE: &str = "\
    UPDATE attempts SET finished_at = coalesce(finished_at, ?4), outcome = ?5, reason = ?6, \
        http_status = ?7, provider_message_id = ?8 \
    WHERE message_uuid = ?1 AND attempt = ?2 AND lease_token = ?3";

/// Ends the attempt's record; answers whether it had ended just so before,
/// which means that this call repeats one whose answer was lost.
fn note(tx: &Tx<'_>, lease: &Lease, completion: &Completion) -> rusqlite::Result<bool> {
    let (uuid, token) = (lease.uuid.to_string(), lease.token.to_string());
    let owner = (&uuid, lease.attempt, &token);
    let before: Option<Option<String>> = tx.query_opt(OUTCOME, owner, |row| row.get(0))?;
    let outcome = &completion.outcome;
    let provider_id = match &completion.effect {
        Effect::Sent { provider_message_id } => {
            provider_message_id.as_ref().map(ProviderMessageId::as_str)
        }
        _ => None,
    };
    let word = outcome.class().as_str();
    let reason = StatusReason::for_outcome(outcome);
    let end = (Micros(tx.now), word, reason.as_str(), outcome.http_status(), provider_id);
    tx.execute(NOTE, (&uuid, lease.attempt, &token, end.0, end.1, end.2, end.3, end.4))?;
    Ok(before.flatten().as_deref() == Some(word))
}
