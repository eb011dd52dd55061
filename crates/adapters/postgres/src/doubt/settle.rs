//! What was decided about a message in doubt, written down: fenced.

use crate::{control_row::millis, transaction::Transaction};
use dispatcher_domain::{
    InDoubt, Proof, ProviderMessageId, Resolution, Status, StatusReason, ports::StoreError,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::types::Type;
use uuid::Uuid;

pub(super) async fn settle(
    tx: Transaction,
    doubt: &InDoubt,
    resolution: &Resolution,
) -> Result<bool, StoreError> {
    let columns = Columns::of(resolution);
    let reason = resolution.reason();
    let reason = reason.as_ref().map(StatusReason::as_str);
    let touched = tx
        .execute(
            SETTLE,
            &[
                (&doubt.id.0, Type::INT8),
                (&doubt.uuid, Type::UUID),
                (&doubt.attempt, Type::INT4),
                (&doubt.key_epoch, Type::INT4),
                (&columns.status.as_str(), Type::TEXT),
                (&columns.status.legacy_sent(), Type::BOOL),
                (&reason, Type::TEXT),
                (&columns.not_before_ms, Type::INT8),
                (&columns.resend_until, Type::TIMESTAMPTZ),
                (&columns.provider_message_id, Type::TEXT),
                (&columns.receipt.map(|(attempt, _)| attempt), Type::INT4),
                (&columns.receipt.map(|(_, token)| token), Type::UUID),
            ],
        )
        .await?;
    if touched == 1
        && let Some(receipt) = columns.receipt
    {
        note(&tx, doubt, receipt, &columns, reason).await?;
    }
    tx.commit().await?;
    Ok(touched == 1)
}

/// All guards stand in the WHERE clause: the status, the attempt, the key
/// epoch, the uuid for ids that a TRUNCATE gave away again, and the attempt on
/// record that a receipt must name.
const SETTLE: &str = "\
    UPDATE messages SET status = $5, sent = $6, status_reason = coalesce($7, status_reason), \
        not_before = dispatch_now() + $8 * interval '1 millisecond', resend_until = $9, \
        provider_message_id = coalesce($10, provider_message_id), \
        sent_at = CASE WHEN $5 = 'sent' THEN dispatch_now() ELSE sent_at END \
    WHERE id = $1 AND uuid = $2 AND attempt = $3 AND key_epoch = $4 AND status = 'unconfirmed' \
      AND ($11::integer IS NULL OR EXISTS (SELECT 1 FROM attempts \
          WHERE message_uuid = $2 AND attempt = $11 AND lease_token = $12))";

/// What a resolution writes into the row.
struct Columns<'a> {
    status: Status,
    not_before_ms: Option<i64>,
    resend_until: Option<Timestamp>,
    provider_message_id: Option<&'a str>,
    receipt: Option<(i32, Uuid)>,
}

impl<'a> Columns<'a> {
    fn of(resolution: &'a Resolution) -> Self {
        let plain = |status| Self {
            status,
            not_before_ms: None,
            resend_until: None,
            provider_message_id: None,
            receipt: None,
        };
        match resolution {
            Resolution::Sent { proof, provider_message_id } => Self {
                provider_message_id: provider_message_id.as_ref().map(ProviderMessageId::as_str),
                receipt: match proof {
                    Proof::Receipt { attempt, token } => Some((*attempt, token.0)),
                    Proof::LookUp => None,
                },
                ..plain(Status::Sent)
            },
            Resolution::Resend { after, until } => Self {
                not_before_ms: (*after > Duration::ZERO).then(|| millis(*after)),
                resend_until: *until,
                ..plain(Status::Queued)
            },
            Resolution::Fail => plain(Status::Failed),
            Resolution::Wait { .. } => plain(Status::Unconfirmed),
        }
    }
}

/// The receipt tells which of the sends it was.
async fn note(
    tx: &Transaction,
    doubt: &InDoubt,
    (attempt, token): (i32, Uuid),
    columns: &Columns<'_>,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET outcome = 'accepted', reason = $4, \
                   provider_message_id = $5, finished_at = coalesce(finished_at, dispatch_now()) \
               WHERE message_uuid = $1 AND attempt = $2 AND lease_token = $3";
    let params = [
        (&doubt.uuid as _, Type::UUID),
        (&attempt as _, Type::INT4),
        (&token as _, Type::UUID),
        (&reason as _, Type::TEXT),
        (&columns.provider_message_id as _, Type::TEXT),
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}
