//! From picked to `sending`.

use crate::{
    control_row::millis,
    derived::{phone_e164, segments},
    transaction::Transaction,
};
use dispatcher_domain::{
    ClaimRequest, ClaimedMessage, Derived, IdempotencyKey, Lease, MessageId, NewMessage, Ordering,
    ports::StoreError,
};
use jiff::Timestamp;
use std::collections::HashMap;
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

/// In a file of its own, so that a test can ask the server for its plan.
const START: &str = include_str!("start.sql");

/// Makes the picked rows `sending` and writes their attempts.
pub(super) async fn start(
    tx: &Transaction,
    request: &ClaimRequest,
    picked: Vec<(MessageId, NewMessage)>,
    ordering: Ordering,
    now: Timestamp,
    paced: bool,
) -> Result<Vec<ClaimedMessage>, StoreError> {
    let ids: Vec<i64> = picked.iter().map(|(id, _)| id.0).collect();
    let derived: Vec<Derived> = picked.iter().map(|(_, message)| message.derived()).collect();
    let encodings: Vec<&str> = derived.iter().map(|it| it.text.encoding.as_str()).collect();
    let segments: Vec<i32> = derived.iter().map(segments).collect();
    let numbers: Vec<Option<String>> = derived.iter().map(phone_e164).collect();
    let rows = tx
        .query(
            START,
            &[
                (&ids, Type::INT8_ARRAY),
                (&request.token.0, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&millis(request.lease), Type::INT8),
                (&(ordering == Ordering::Recipient), Type::BOOL),
                (&request.instance.as_str(), Type::TEXT),
                (&encodings, Type::TEXT_ARRAY),
                (&segments, Type::INT4_ARRAY),
                (&numbers, Type::TEXT_ARRAY),
            ],
        )
        .await?;
    // RETURNING has no order; the picked rows have.
    let mut started: HashMap<i64, Row> = rows.into_iter().map(|row| (row.get("id"), row)).collect();
    Ok(picked
        .into_iter()
        .filter_map(|(id, message)| Some((started.remove(&id.0)?, id, message)))
        .map(|(row, id, message)| claimed(&row, id, message, request, paced))
        .collect())
}

fn claimed(
    row: &Row,
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
