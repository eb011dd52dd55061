//! Lists of messages, and each message with its attempts.

use crate::{
    Db,
    columns::{Lossy, Micros, Word, text, time},
    summary,
    transaction::Tx,
};
use async_trait::async_trait;
use dispatcher_domain::{
    IdempotencyKey, MessageId, Status,
    ports::{
        AttemptRecord, MessageArchive, MessageRecord, MessageSummary, SentCursor, SentMessage,
        StoreError,
    },
};
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

    async fn list(
        &self,
        status: Status,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<MessageSummary>, StoreError> {
        self.db.read(move |tx| summary::list(tx, status, cursor, limit)).await
    }

    async fn find(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        let find = move |tx: &Tx<'_>| {
            let found = summary::find(tx, id)?;
            found.map(|message| with_attempts(tx, message)).transpose()
        };
        self.db.read(find).await
    }
}

const ATTEMPTS: &str = "\
    SELECT message_uuid, attempt, key_epoch, instance, started_at, finished_at, outcome, reason, \
        http_status \
    FROM attempts WHERE message_uuid = (SELECT uuid FROM messages WHERE id = ?1) \
    ORDER BY attempt";

fn with_attempts(tx: &Tx<'_>, message: MessageSummary) -> rusqlite::Result<MessageRecord> {
    let attempts = tx.query(ATTEMPTS, [message.id.0], attempt)?;
    Ok(MessageRecord { message, attempts })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRecord> {
    let uuid = row.get::<_, Word<_>>("message_uuid")?.0;
    Ok(AttemptRecord {
        attempt: row.get("attempt")?,
        key: IdempotencyKey::new(uuid, row.get("key_epoch")?),
        instance: row.get("instance")?,
        started_at: row.get::<_, Micros>("started_at")?.0,
        finished_at: time(row, "finished_at")?,
        outcome: row.get("outcome")?,
        reason: row.get("reason")?,
        http_status: row.get("http_status")?,
    })
}

const FIRST_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, sent_at, provider_message_id \
    FROM messages WHERE sent = 1 ORDER BY created_at, id LIMIT ?1";

const NEXT_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, sent_at, provider_message_id \
    FROM messages WHERE sent = 1 AND (created_at, id) > (?2, ?3) \
    ORDER BY created_at, id LIMIT ?1";

fn entry(row: &Row<'_>) -> rusqlite::Result<SentMessage> {
    Ok(SentMessage {
        id: MessageId(row.get("id")?),
        phone_number: row.get::<_, Lossy>("phone_number")?.0,
        content: row.get::<_, Lossy>("content")?.0,
        status: row.get::<_, Word<_>>("status")?.0,
        created_at: row.get::<_, Micros>("created_at")?.0,
        sent_at: time(row, "sent_at")?,
        provider_message_id: text(row, "provider_message_id")?,
    })
}
