//! What time alone has decided since the last START.

use crate::{expiry::EXPIRED, transaction::Transaction};
use dispatcher_domain::{MessageId, StatusReason, ports::StoreError};
use jiff::Timestamp;
use std::time::Duration;
use tokio_postgres::types::Type;

/// What came of it.
pub(super) struct Settled {
    pub(super) expired: Vec<MessageId>,
    /// More may be over, or may have fallen due and come first.
    pub(super) more: bool,
}

/// So many of a kind in one transaction and no more: with a million of them the
/// deadline would end it, undo all of it, and do the same to the next one, for
/// ever.
const AT_ONCE: i64 = 1000;

/// In a file of its own, so that a test can ask the server for its plan.
const FALLEN_DUE: &str = include_str!("fallen_due.sql");

/// Messages that are over expire; those that have fallen due rejoin the queue at
/// their place. One statement: each START makes this way.
pub(super) async fn settle(tx: &Transaction, now: Timestamp) -> Result<Settled, StoreError> {
    let params = [
        (&Some(now) as _, Type::TIMESTAMPTZ),
        (&AT_ONCE as _, Type::INT8),
        (&StatusReason::EXPIRED.as_str() as _, Type::TEXT),
    ];
    let row = tx.query_opt(&format!("WITH {EXPIRED}{FALLEN_DUE}"), &params).await?;
    let row = row.ok_or_else(|| StoreError::Unexpected("SELECT returned no row".into()))?;
    let expired: Vec<MessageId> =
        row.get::<_, Vec<i64>>("expired").into_iter().map(MessageId).collect();
    let is_full = |count: i64| count == AT_ONCE;
    let more = is_full(row.get("promoted")) || expired.len() == AT_ONCE as usize;
    Ok(Settled { expired, more })
}

/// When the next one falls due.
pub(super) async fn next_due(
    tx: &Transaction,
    now: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    // A row that is due but locked by somebody else is not named here, or the
    // caller would ask again without a pause.
    let sql = "SELECT min(not_before) FROM messages WHERE status = 'queued' AND not_before > $1";
    let row = tx.query_opt(sql, &[(&now, Type::TIMESTAMPTZ)]).await?;
    let due = row.and_then(|row| row.get::<_, Option<Timestamp>>(0));
    Ok(due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default()))
}
