//! What was decided about a message in doubt, written down: fenced.

use crate::{
    columns::{Micros, micros},
    transaction::Tx,
};
use dispatcher_domain::{InDoubt, Proof, ProviderMessageId, Resolution, Status, StatusReason};
use jiff::Timestamp;
use rusqlite::named_params;
use std::time::Duration;

pub(super) fn settle(
    tx: &Tx<'_>,
    doubt: &InDoubt,
    resolution: &Resolution,
) -> rusqlite::Result<bool> {
    let columns = Columns::of(resolution);
    let reason = resolution.reason();
    let reason = reason.as_ref().map(StatusReason::as_str);
    let receipt = columns.receipt.as_ref();
    let touched = tx.execute(
        SETTLE,
        named_params! {
            ":id": doubt.id.0,
            ":uuid": doubt.uuid.to_string(),
            ":attempt": doubt.attempt,
            ":key_epoch": doubt.key_epoch,
            ":status": columns.status.as_str(),
            ":sent": columns.status.legacy_sent(),
            ":reason": reason,
            ":now": Micros(tx.now),
            ":wait": columns.wait.map(micros),
            ":resend_until": columns.resend_until.map(Micros),
            ":provider_message_id": columns.provider_message_id,
            ":receipt_attempt": receipt.map(|receipt| receipt.attempt),
            ":receipt_token": receipt.map(|receipt| &receipt.token),
        },
    )?;
    if touched == 1
        && let Some(receipt) = receipt
    {
        note(tx, doubt, receipt, columns.provider_message_id, reason)?;
    }
    Ok(touched == 1)
}

/// All guards stand in the WHERE clause: the status, the attempt, the key
/// epoch, the uuid for a file whose ids began anew, and the attempt on record
/// that a receipt must name.
const SETTLE: &str = "\
    UPDATE messages SET status = :status, sent = :sent, \
        status_reason = coalesce(:reason, status_reason), \
        not_before = :now + :wait, resend_until = :resend_until, \
        provider_message_id = coalesce(:provider_message_id, provider_message_id), \
        sent_at = CASE WHEN :status = 'sent' THEN :now ELSE sent_at END \
    WHERE id = :id AND uuid = :uuid AND attempt = :attempt AND key_epoch = :key_epoch \
      AND status = 'unconfirmed' \
      AND (:receipt_attempt IS NULL OR EXISTS (SELECT 1 FROM attempts \
          WHERE message_uuid = :uuid AND attempt = :receipt_attempt \
            AND lease_token = :receipt_token))";

/// What a resolution writes into the row.
struct Columns<'a> {
    status: Status,
    wait: Option<Duration>,
    resend_until: Option<Timestamp>,
    provider_message_id: Option<&'a str>,
    receipt: Option<Receipt>,
}

/// Which of the sends was accepted.
struct Receipt {
    attempt: i32,
    token: String,
}

impl<'a> Columns<'a> {
    fn of(resolution: &'a Resolution) -> Self {
        let plain = |status| Self {
            status,
            wait: None,
            resend_until: None,
            provider_message_id: None,
            receipt: None,
        };
        match resolution {
            Resolution::Sent { proof, provider_message_id } => Self {
                provider_message_id: provider_message_id.as_ref().map(ProviderMessageId::as_str),
                receipt: match proof {
                    Proof::Receipt { attempt, token } => {
                        Some(Receipt { attempt: *attempt, token: token.to_string() })
                    }
                    Proof::LookUp => None,
                },
                ..plain(Status::Sent)
            },
            Resolution::Resend { after, until } => Self {
                wait: (!after.is_zero()).then_some(*after),
                resend_until: *until,
                ..plain(Status::Queued)
            },
            Resolution::Fail => plain(Status::Failed),
            Resolution::Wait { .. } => plain(Status::Unconfirmed),
        }
    }
}

fn note(
    tx: &Tx<'_>,
    doubt: &InDoubt,
    receipt: &Receipt,
    provider_message_id: Option<&str>,
    reason: Option<&str>,
) -> rusqlite::Result<usize> {
    let sql = "UPDATE attempts SET outcome = 'accepted', reason = ?4, \
                   provider_message_id = ?5, finished_at = coalesce(finished_at, ?6) \
               WHERE message_uuid = ?1 AND attempt = ?2 AND lease_token = ?3";
    let Receipt { attempt, token } = receipt;
    let uuid = doubt.uuid.to_string();
    tx.execute(sql, (uuid, attempt, token, reason, provider_message_id, Micros(tx.now)))
}
