//! The list of sent messages, and each message with its attempts.

use crate::{
    Db,
    columns::{Lossy, Micros, Word},
    transaction::Tx,
};
use async_trait::async_trait;
use dispatcher_domain::{
    MessageId,
    ports::{AttemptRecord, MessageArchive, MessageRecord, SentCursor, SentMessage, StoreError},
};
use jiff::Timestamp;
use rusqlite::Row;

/// [`MessageArchive`] on the table `messages`.
pub struct SqliteMessageArchive {
    db: Db,
}

impl SqliteMessageArchive {
    /// Over an open file.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MessageArchive for SqliteMessageArchive {
    async fn sent_after(
        &self,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<SentMessage>, StoreError> {
        let page = move |tx: &Tx<'_>| match cursor {
            None => tx.query(FIRST_PAGE, [limit], entry),
            Some(SentCursor { created_at, id }) => {
                tx.query(NEXT_PAGE, (limit, Micros(created_at), id.0), entry)
            }
        };
        self.db.read(page).await
    }

    async fn count_sent(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM messages WHERE sent = 1";
        let count = self.db.read(|tx| tx.query_row(sql, [], |row| row.get::<_, i64>(0))).await?;
        Ok(count.unsigned_abs())
    }

    async fn find(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        let find = move |tx: &Tx<'_>| {
            let found = tx.query_opt(MESSAGE, [id.0], record)?;
            found.map(|record| with_attempts(tx, record)).transpose()
        };
        self.db.read(find).await
    }
}

const MESSAGE: &str = "\
    SELECT id, uuid, phone_number, content, status, status_reason, created_at, not_before, \
        sent_at, provider_message_id, unknown_outcomes FROM messages WHERE id = ?1";

const ATTEMPTS: &str = "\
    SELECT attempt, instance, started_at, finished_at, outcome, reason, http_status \
    FROM attempts WHERE message_uuid = (SELECT uuid FROM messages WHERE id = ?1) \
    ORDER BY attempt";

fn with_attempts(tx: &Tx<'_>, record: MessageRecord) -> rusqlite::Result<MessageRecord> {
    let attempts = tx.query(ATTEMPTS, [record.id.0], attempt)?;
    Ok(MessageRecord { attempts, ..record })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRecord> {
    Ok(AttemptRecord {
        attempt: row.get("attempt")?,
        instance: row.get("instance")?,
        started_at: row.get::<_, Micros>("started_at")?.0,
        finished_at: time(row, "finished_at")?,
        outcome: row.get("outcome")?,
        reason: row.get("reason")?,
        http_status: row.get("http_status")?,
    })
}

fn record(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    Ok(MessageRecord {
        id: MessageId(row.get("id")?),
        phone_number: row.get::<_, Lossy>("phone_number")?.0,
        content: row.get::<_, Lossy>("content")?.0,
        status: row.get::<_, Word<_>>("status")?.0,
        status_reason: text(row, "status_reason")?,
        created_at: row.get::<_, Micros>("created_at")?.0,
        not_before: time(row, "not_before")?,
        sent_at: time(row, "sent_at")?,
        provider_message_id: text(row, "provider_message_id")?,
        unknown_outcomes: row.get("unknown_outcomes")?,
        attempts: vec![],
    })
}

const FIRST_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, provider_message_id FROM messages \
    WHERE sent = 1 ORDER BY created_at, id LIMIT ?1";

const NEXT_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, provider_message_id FROM messages \
    WHERE sent = 1 AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?1";

fn entry(row: &Row<'_>) -> rusqlite::Result<SentMessage> {
    Ok(SentMessage {
        id: MessageId(row.get("id")?),
        phone_number: row.get::<_, Lossy>("phone_number")?.0,
        content: row.get::<_, Lossy>("content")?.0,
        status: row.get::<_, Word<_>>("status")?.0,
        created_at: row.get::<_, Micros>("created_at")?.0,
        provider_message_id: text(row, "provider_message_id")?,
    })
}

fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<Micros>>(column)?.map(|time| time.0))
}

fn text(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    Ok(row.get::<_, Option<Lossy>>(column)?.map(|text| text.0))
}
