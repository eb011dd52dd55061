//! Lists of messages, and each message with its attempts.

use crate::{Db, summary, transaction::Transaction};
use async_trait::async_trait;
use dispatcher_domain::{
    IdempotencyKey, MessageId, Status,
    ports::{
        AttemptRecord, MessageArchive, MessageRecord, MessageSummary, SentCursor, SentMessage,
        StoreError,
    },
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

    async fn list(
        &self,
        status: Status,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<MessageSummary>, StoreError> {
        let tx = self.db.begin().await?;
        let messages = summary::list(&tx, status, cursor, limit).await?;
        tx.rollback().await?;
        Ok(messages)
    }

    async fn find(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        let tx = self.db.begin().await?;
        let found = match summary::row(&tx, id).await? {
            Some(row) => {
                let (message, attempts) = (summary::of(&row)?, attempts(&tx, &row).await?);
                Some(MessageRecord { message, attempts })
            }
            None => None,
        };
        tx.rollback().await?;
        Ok(found)
    }
}

const ATTEMPTS: &str = "\
    SELECT attempt, key_epoch, instance, started_at, finished_at, outcome, reason, http_status \
    FROM attempts WHERE message_uuid = $1 ORDER BY attempt";

async fn attempts(tx: &Transaction, message: &Row) -> Result<Vec<AttemptRecord>, StoreError> {
    let uuid: Uuid = message.get("uuid");
    let rows = tx.query(ATTEMPTS, &[(&uuid, Type::UUID)]).await?;
    Ok(rows.iter().map(|row| attempt(uuid, row)).collect())
}

fn attempt(uuid: Uuid, row: &Row) -> AttemptRecord {
    AttemptRecord {
        attempt: row.get("attempt"),
        key: IdempotencyKey::new(uuid, row.get("key_epoch")),
        instance: row.get("instance"),
        started_at: row.get("started_at"),
        finished_at: row.get("finished_at"),
        outcome: row.get("outcome"),
        reason: row.get("reason"),
        http_status: row.get::<_, Option<i32>>("http_status").and_then(|s| u16::try_from(s).ok()),
    }
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
        status: summary::status(row)?,
        created_at: row.get("created_at"),
        // Only a hint: a time that is none, such as `infinity`, must not cost
        // the list.
        sent_at: row.try_get("sent_at").ok().flatten(),
        provider_message_id: row.get("provider_message_id"),
    })
}
