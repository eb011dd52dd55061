//! Messages that were not sent in time.

use crate::transaction::Transaction;
use dispatcher_domain::{MessageId, StatusReason, ports::StoreError};
use jiff::Timestamp;
use tokio_postgres::types::Type;

/// Parts of a statement: a START runs them on its way, the sweep by themselves.
pub(crate) const EXPIRED: &str = include_str!("expired.sql");

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
