//! The list of sent messages.

use crate::Db;
use async_trait::async_trait;
use dispatcher_domain::{
    MessageId,
    ports::{MessageArchive, SentCursor, SentMessage, StoreError},
};
use tokio_postgres::{Row, types::Type};

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
}

const FIRST_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, provider_message_id FROM messages \
    WHERE sent ORDER BY created_at, id LIMIT $1";

const NEXT_PAGE: &str = "\
    SELECT id, phone_number, content, status, created_at, provider_message_id FROM messages \
    WHERE sent AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $1";

fn entry(row: &Row) -> Result<SentMessage, StoreError> {
    let status = row.get::<_, &str>("status").parse();
    Ok(SentMessage {
        id: MessageId(row.get("id")),
        phone_number: row.get("phone_number"),
        content: row.get("content"),
        status: status.map_err(|error| StoreError::Unexpected(Box::new(error)))?,
        created_at: row.get("created_at"),
        provider_message_id: row.get("provider_message_id"),
    })
}
