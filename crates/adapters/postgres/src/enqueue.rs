//! Storing a new message.

use crate::{
    derived::{phone_e164, segments},
    transaction::Transaction,
};
use dispatcher_domain::{
    MessageId, NewMessage, Status, Terms,
    ports::{Enqueued, StoreError},
};
use tokio_postgres::types::Type;

pub(crate) async fn enqueue(
    tx: Transaction,
    message: &NewMessage,
    terms: &Terms,
) -> Result<Enqueued, StoreError> {
    let sql = "INSERT INTO messages (phone_number, content, encoding, segments, phone_e164, \
                   not_before, expires_at, priority) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, created_at";
    let derived = message.derived();
    let params = [
        (&message.phone_number.as_str() as _, Type::TEXT),
        (&message.body.as_str() as _, Type::TEXT),
        (&derived.text.encoding.as_str() as _, Type::TEXT),
        (&segments(&derived) as _, Type::INT4),
        (&phone_e164(&derived) as _, Type::TEXT),
        (&terms.not_before as _, Type::TIMESTAMPTZ),
        (&terms.expires_at as _, Type::TIMESTAMPTZ),
        (&terms.priority.get() as _, Type::INT2),
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
