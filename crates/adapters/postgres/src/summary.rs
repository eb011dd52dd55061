//! Messages as operators see them: one, or those of one status.

use crate::{derived, transaction::Transaction};
use dispatcher_domain::{
    IdempotencyKey, MessageId, Status, UnknownStatus,
    ports::{MessageSummary, SentCursor, StoreError},
};
use jiff::Timestamp;
use tokio_postgres::{Row, types::Type};

pub(crate) async fn list(
    tx: &Transaction,
    status: Status,
    cursor: Option<SentCursor>,
    limit: u32,
) -> Result<Vec<MessageSummary>, StoreError> {
    // Two indexes hold the messages: one those that were accepted, which are
    // the most, and one the others.
    let sql = if status.is_accepted() { OF_ACCEPTED_STATUS } else { OF_STATUS };
    let SentCursor { created_at, id } = cursor.unwrap_or(BEFORE_ALL);
    let params = [
        (&i64::from(limit) as _, Type::INT8),
        (&status.as_str() as _, Type::TEXT),
        (&created_at as _, Type::TIMESTAMPTZ),
        (&id.0 as _, Type::INT8),
    ];
    tx.query(sql, &params).await?.iter().map(of).collect()
}

/// In files of their own, so that a test can ask the server for their plans.
const OF_STATUS: &str = include_str!("summary/of_status.sql");
const OF_ACCEPTED_STATUS: &str = include_str!("summary/of_accepted_status.sql");

/// The tables hold nothing older than the year 1.
const BEFORE_ALL: SentCursor =
    SentCursor { created_at: Timestamp::constant(-62_135_596_800, 0), id: MessageId(i64::MIN) };

/// The row of a message, with what [`of`] needs.
pub(crate) async fn row(tx: &Transaction, id: MessageId) -> Result<Option<Row>, StoreError> {
    tx.query_opt("SELECT * FROM messages WHERE id = $1", &[(&id.0, Type::INT8)]).await
}

pub(crate) fn of(row: &Row) -> Result<MessageSummary, StoreError> {
    let status = status(row)?;
    Ok(MessageSummary {
        id: MessageId(row.get("id")),
        phone_number: row.get("phone_number"),
        content: row.get("content"),
        derived: derived::of(row, status),
        status,
        status_reason: row.get("status_reason"),
        created_at: row.get("created_at"),
        not_before: row.get("not_before"),
        expires_at: row.get("expires_at"),
        priority: row.get("priority"),
        sent_at: row.get("sent_at"),
        provider_message_id: row.get("provider_message_id"),
        unknown_outcomes: row.get::<_, i32>("unknown_outcomes").unsigned_abs(),
        attempt: row.get("attempt"),
        key: IdempotencyKey::new(row.get("uuid"), row.get("key_epoch")),
    })
}

pub(crate) fn status(row: &Row) -> Result<Status, StoreError> {
    let status = row.get::<_, &str>("status").parse();
    status.map_err(|error: UnknownStatus| StoreError::Unexpected(Box::new(error)))
}
