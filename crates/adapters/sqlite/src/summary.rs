//! Messages as operators see them: one, or those of one status.

use crate::{
    columns::{Lossy, Micros, Word, text, time},
    derived,
    transaction::Tx,
};
use dispatcher_domain::{
    IdempotencyKey, MessageId, Status,
    ports::{MessageSummary, SentCursor},
};
use jiff::Timestamp;
use rusqlite::Row;

pub(crate) fn list(
    tx: &Tx<'_>,
    status: Status,
    cursor: Option<SentCursor>,
    limit: u32,
) -> rusqlite::Result<Vec<MessageSummary>> {
    // Two indexes hold the messages: one those that were accepted, which are
    // the most, and one the others.
    let sql = if status.is_accepted() { OF_ACCEPTED_STATUS } else { OF_STATUS };
    let SentCursor { created_at, id } = cursor.unwrap_or(BEFORE_ALL);
    tx.query(sql, (limit, status.as_str(), Micros(created_at), id.0), of)
}

/// In files of their own, so that a test can ask for their plans.
const OF_STATUS: &str = include_str!("summary/of_status.sql");
const OF_ACCEPTED_STATUS: &str = include_str!("summary/of_accepted_status.sql");

/// The tables hold nothing older than the year 1.
const BEFORE_ALL: SentCursor =
    SentCursor { created_at: Timestamp::constant(-62_135_596_800, 0), id: MessageId(i64::MIN) };

pub(crate) fn find(tx: &Tx<'_>, id: MessageId) -> rusqlite::Result<Option<MessageSummary>> {
    tx.query_opt("SELECT * FROM messages WHERE id = ?1", [id.0], of)
}

fn of(row: &Row<'_>) -> rusqlite::Result<MessageSummary> {
    let status = row.get::<_, Word<_>>("status")?.0;
    let phone_number = row.get::<_, Lossy>("phone_number")?.0;
    let content = row.get::<_, Lossy>("content")?.0;
    Ok(MessageSummary {
        id: MessageId(row.get("id")?),
        derived: derived::of(row, status, &phone_number, &content)?,
        phone_number,
        content,
        status,
        status_reason: text(row, "status_reason")?,
        created_at: row.get::<_, Micros>("created_at")?.0,
        not_before: time(row, "not_before")?,
        expires_at: time(row, "expires_at")?,
        priority: row.get("priority")?,
        sent_at: time(row, "sent_at")?,
        provider_message_id: text(row, "provider_message_id")?,
        unknown_outcomes: row.get("unknown_outcomes")?,
        attempt: row.get("attempt")?,
        key: IdempotencyKey::new(row.get::<_, Word<_>>("uuid")?.0, row.get("key_epoch")?),
    })
}
