//! How much is in the queue, without a look at what was sent.

use crate::Db;
use async_trait::async_trait;
use dispatcher_domain::ports::{QueueDepth, QueueStats, StoreError};
use std::time::Duration;
use tokio_postgres::{Row, types::Type};

/// [`QueueStats`] on the partial indexes of the table `messages`.
pub struct PgQueueStats {
    db: Db,
}

impl PgQueueStats {
    /// Over a pool.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Nobody waits longer for a number, and no server shall work longer for one.
const MILLIS: &str = "900";

/// Indexes even where the planner takes the queue for most of the table: its
/// statistics may be old, and then that is a scan of all that was ever sent.
const SETTINGS: &str = include_str!("settings.sql");

const DEPTH: &str = include_str!("depth.sql");

#[async_trait]
impl QueueStats for PgQueueStats {
    async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        let tx = self.db.begin().await?;
        tx.query(SETTINGS, &[(&MILLIS, Type::TEXT)]).await?;
        let limit = i64::try_from(QueueDepth::EXACT_UP_TO).unwrap_or(i64::MAX);
        let row = tx.query_opt(DEPTH, &[(&limit, Type::INT8)]).await?;
        tx.rollback().await?;
        Ok(row.as_ref().map(depth).unwrap_or_default())
    }
}

fn depth(row: &Row) -> QueueDepth {
    let count = |column| row.get::<_, i64>(column).unsigned_abs();
    let estimate = |column| row.get::<_, Option<i64>>(column).and_then(|n| u64::try_from(n).ok());
    let at_least = |counted: u64, estimate: Option<u64>| {
        let exact = counted < QueueDepth::EXACT_UP_TO;
        if exact { counted } else { counted.max(estimate.unwrap_or_default()) }
    };
    let ready = at_least(count("ready"), estimate("ready_estimate"));
    let age = row.get::<_, Option<f64>>("oldest_due");
    QueueDepth {
        queued: ready + at_least(count("scheduled"), estimate("scheduled_estimate")),
        due: ready + count("fallen_due"),
        sending: count("sending"),
        unconfirmed: count("unconfirmed"),
        failed: count("failed"),
        expired: count("expired"),
        rejected: count("rejected"),
        // A program may have written a date to come.
        oldest_due: age.map(|age| Duration::try_from_secs_f64(age).unwrap_or_default()),
        sent_estimate: estimate("sent_estimate"),
    }
}
