//! How much is in the queue, without a look at what was sent.

use crate::{
    Db,
    columns::{Micros, time},
    transaction::Tx,
};
use async_trait::async_trait;
use dispatcher_domain::ports::{QueueDepth, QueueStats, StoreError};
use jiff::Timestamp;
use rusqlite::Row;
use std::time::Duration;

/// [`QueueStats`] on the partial indexes of the table `messages`.
///
/// A count ends at [`QueueDepth::EXACT_UP_TO`], and says just this then.
pub struct SqliteQueueStats {
    db: Db,
}

impl SqliteQueueStats {
    /// Over an open file.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// In a file of its own, so that a test can ask for its plan.
const DEPTH: &str = include_str!("depth.sql");

#[async_trait]
impl QueueStats for SqliteQueueStats {
    async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        let limit = i64::try_from(QueueDepth::EXACT_UP_TO).unwrap_or(i64::MAX);
        let look = move |tx: &Tx<'_>| {
            tx.query_row(DEPTH, (limit, Micros(tx.now)), |row| depth(row, tx.now))
        };
        self.db.read(look).await
    }
}

fn depth(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<QueueDepth> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let due_since = time(row, "due_since")?;
    // A program may have written a date to come.
    let age = |since| Duration::try_from(now.duration_since(since)).unwrap_or_default();
    let depth = QueueDepth {
        queued: count("ready")? + count("scheduled")?,
        due: count("ready")? + count("fallen_due")?,
        sending: count("sending")?,
        unconfirmed: count("unconfirmed")?,
        failed: count("failed")?,
        expired: count("expired")?,
        rejected: count("rejected")?,
        oldest_due: due_since.map(age),
        sent_estimate: None,
    };
    let (first, last): (Option<i64>, Option<i64>) = (row.get("first_sent")?, row.get("last_sent")?);
    Ok(QueueDepth { sent_estimate: Some(sent_estimate(first.zip(last), &depth)), ..depth })
}

/// Ids are given away one by one: between the first and the last message that
/// was sent lie the others that were, and at most all that are something else.
fn sent_estimate(ids: Option<(i64, i64)>, others: &QueueDepth) -> u64 {
    let Some((first, last)) = ids else { return 0 };
    let span = last.abs_diff(first).saturating_add(1);
    let others =
        others.sending + others.unconfirmed + others.failed + others.expired + others.rejected;
    span.saturating_sub(others).max(1)
}
