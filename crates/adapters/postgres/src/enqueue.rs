//! Storing a new message.

use crate::transaction::Transaction;
use dispatcher_domain::{
    MessageId, NewMessage, Status,
    ports::{Enqueued, StoreError},
};
use tokio_postgres::types::Type;

pub(crate) async fn enqueue(tx: Transaction, message: &NewMessage) -> Result<Enqueued, StoreError> {
    let sql = "INSERT INTO messages (phone_number, content) VALUES ($1, $2) \
               RETURNING id, created_at";
    let params = [
        (&message.phone_number.as_str() as _, Type::TEXT),
        (&message.body.as_str() as _, Type::TEXT),
    ];
    let row = tx.query_opt(sql, &params).await?;
    let row = row.ok_or_else(|| StoreError::Unexpected("INSERT returned no row".into()))?;
    let enqueued = Enqueued {
        id: MessageId(row.get("id")),
        status: Status::Queued,
        created_at: row.get("created_at"),
    };
    tx.commit().await?;
    Ok(enqueued)
}
