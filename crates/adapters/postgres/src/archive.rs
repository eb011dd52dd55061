//! The list of sent messages, and each message with its attempts.

use crate::{Db, transaction::Transaction};
use async_trait::async_trait;
use dispatcher_domain::{
    MessageId, Status, UnknownStatus,
    ports::{AttemptRecord, MessageArchive, MessageRecord, SentCursor, SentMessage, StoreError},
};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

/// [`MessageArchive`] on the table `messages`.
pub struct PgMessageArchive {
    db: Db,
}

impl PgMessageArchive {
    /// Over a pool.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MessageArchive for PgMessageArchive {
    async fn sent_after(
        &self,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<SentMessage>, StoreError> {
        let tx = self.db.begin().await?;
        let limit = i64::from(limit);
        let rows = match cursor {
            None => tx.query(FIRST_PAGE, &[(&limit, Type::INT8)]).await?,
            Some(SentCursor { created_at, id }) => {
                let params = [
                    (&limit as _, Type::INT8),
                    (&created_at as _, Type::TIMESTAMPTZ),
                    (&id.0 as _, Type::INT8),
                ];
                tx.query(NEXT_PAGE, &params).await?
            }
        };
        tx.rollback().await?;
        rows.iter().map(entry).collect()
    }

    async fn count_sent(&self) -> Result<u64, StoreError> {
        let tx = self.db.begin().await?;
        let row = tx.query_opt("SELECT count(*) FROM messages WHERE sent", &[]).await?;
        tx.rollback().await?;
        Ok(row.map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
    }

    async fn find(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        let tx = self.db.begin().await?;
        let found = match tx.query_opt(MESSAGE, &[(&id.0, Type::INT8)]).await? {
            Some(row) => Some(record(&row, attempts(&tx, &row).await?)?),
            None => None,
        };
        tx.rollback().await?;
        Ok(found)
    }
}

const MESSAGE: &str = "\
    SELECT id, uuid, phone_number, content, status, status_reason, created_at, not_before, \
        sent_at, provider_message_id, unknown_outcomes FROM messages WHERE id = $1";

const ATTEMPTS: &str = "\
    SELECT attempt, instance, started_at, finished_at, outcome, reason, http_status \
    FROM attempts WHERE message_uuid = $1 ORDER BY attempt";

async fn attempts(tx: &Transaction, message: &Row) -> Result<Vec<AttemptRecord>, StoreError> {
    let uuid: Uuid = message.get("uuid");
    let rows = tx.query(ATTEMPTS, &[(&uuid, Type::UUID)]).await?;
    Ok(rows.iter().map(attempt).collect())
}

fn attempt(row: &Row) -> AttemptRecord {
    AttemptRecord {
        attempt: row.get("attempt"),
        instance: row.get("instance"),
        started_at: row.get("started_at"),
        finished_at: row.get("finished_at"),
        outcome: row.get("outcome"),
        reason: row.get("reason"),
        http_status: row.get::<_, Option<i32>>("http_status").and_then(|s| u16::try_from(s).ok()),
    }
}

fn record(row: &Row, attempts: Vec<AttemptRecord>) -> Result<MessageRecord, StoreError> {
    Ok(MessageRecord {
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
        attempts,
    })
}

fn status(row: &Row) -> Result<Status, StoreError> {
    let status = row.get::<_, &str>("status").parse();
    status.map_err(|error: UnknownStatus| StoreError::Unexpected(Box::new(error)))
}

const FIRST_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, sent_at, provider_message_id \
    FROM messages WHERE sent ORDER BY created_at, id LIMIT $1";

const NEXT_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, sent_at, provider_message_id \
    FROM messages WHERE sent AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $1";

fn entry(row: &Row) -> Result<SentMessage, StoreError> {
    Ok(SentMessage {
        id: MessageId(row.get("id")),
        phone_number: row.get("phone_number"),
        content: row.get("content"),
        status: status(row)?,
        created_at: row.get("created_at"),
        // Only a hint: a time that is none, such as `infinity`, must not cost
        // the list.
        sent_at: row.try_get("sent_at").ok().flatten(),
        provider_message_id: row.get("provider_message_id"),
    })
}
