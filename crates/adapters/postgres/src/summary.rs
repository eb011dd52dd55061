//! Messages as operators see them: one, or those of one status.

use crate::transaction::{Param, Transaction};
use dispatcher_domain::{
    IdempotencyKey, MessageId, Status, UnknownStatus,
    ports::{MessageSummary, SentCursor, StoreError},
};
use tokio_postgres::{Row, types::Type};

pub(crate) async fn list(
    tx: &Transaction,
    status: Status,
    cursor: Option<SentCursor>,
    limit: u32,
) -> Result<Vec<MessageSummary>, StoreError> {
    let limit = i64::from(limit);
    let word = status.as_str();
    let mut params: Vec<Param<'_>> = vec![(&limit, Type::INT8), (&word, Type::TEXT)];
    if let Some(SentCursor { created_at, id }) = &cursor {
        params.extend([(created_at as _, Type::TIMESTAMPTZ), (&id.0 as _, Type::INT8)]);
    }
    let rows = tx.query(&list_sql(status, cursor.is_some()), &params).await?;
    rows.iter().map(of).collect()
}

/// Two indexes hold the messages: one those that were accepted, which are the
/// most, and one the others.
fn list_sql(status: Status, goes_on: bool) -> String {
    let accepted = if status.is_accepted() { "sent AND " } else { "" };
    let after = if goes_on { " AND (created_at, id) > ($3, $4)" } else { "" };
    format!(
        "SELECT {COLUMNS} FROM messages WHERE {accepted}status = $2{after} \
         ORDER BY created_at, id LIMIT $1"
    )
}

/// The row of a message, with what [`of`] needs.
pub(crate) async fn row(tx: &Transaction, id: MessageId) -> Result<Option<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE id = $1");
    tx.query_opt(&sql, &[(&id.0, Type::INT8)]).await
}

const COLUMNS: &str = "\
    id, uuid, key_epoch, phone_number, content, status, status_reason, created_at, not_before, \
    sent_at, provider_message_id, unknown_outcomes, attempt";

pub(crate) fn of(row: &Row) -> Result<MessageSummary, StoreError> {
    Ok(MessageSummary {
        id: MessageId(row.get("id")),
        phone_number: row.get("phone_number"),
        content: row.get("content"),
        status: status(row)?,
        status_reason: row.get("status_reason"),
        created_at: row.get("created_at"),
        not_before: row.get("not_before"),
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
