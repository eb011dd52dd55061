//! Messages that were not sent in time.

use crate::transaction::Transaction;
use dispatcher_domain::{MessageId, StatusReason, ports::StoreError};
use jiff::Timestamp;
use tokio_postgres::types::Type;

/// Parts of a statement: a START runs them on its way, the sweep by themselves.
pub(crate) const EXPIRED: &str = include_str!("expired.sql");

/// Those rows, which the caller has locked.
pub(crate) async fn expire(tx: &Transaction, over: &[MessageId]) -> Result<(), StoreError> {
    if over.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = over.iter().map(|id| id.0).collect();
    let sql = "UPDATE messages SET status = 'expired', sent = NULL, status_reason = $2, \
                   not_before = NULL, resend_until = NULL \
               WHERE id = ANY ($1) AND status = 'queued'";
    let reason = StatusReason::EXPIRED;
    tx.execute(sql, &[(&ids, Type::INT8_ARRAY), (&reason.as_str(), Type::TEXT)]).await?;
    Ok(())
}

/// The sweep, which waits for no START: there may be none for days.
pub(crate) async fn sweep(tx: Transaction, limit: u32) -> Result<Vec<MessageId>, StoreError> {
    let sql = format!("WITH {EXPIRED} SELECT id FROM expired ORDER BY id");
    let params = [
        (&None::<Timestamp> as _, Type::TIMESTAMPTZ),
        (&i64::from(limit) as _, Type::INT8),
        (&StatusReason::EXPIRED.as_str() as _, Type::TEXT),
    ];
    let rows = tx.query(&sql, &params).await?;
    tx.commit().await?;
    Ok(rows.iter().map(|row| MessageId(row.get("id"))).collect())
}
