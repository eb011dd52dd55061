//! How much is in the queue.

use crate::{MemoryStore, MessageRow};
use async_trait::async_trait;
use dispatcher_domain::{
    Status,
    ports::{QueueDepth, QueueStats, StoreError},
};
use std::time::Duration;

#[async_trait]
impl QueueStats for MemoryStore {
    async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        let now = (self.now)();
        let tables = self.tables();
        let count = |wanted: &dyn Fn(&MessageRow) -> bool| {
            tables.messages.values().filter(|row| wanted(row)).count() as u64
        };
        let with = |status: Status| count(&|row| row.status == status);
        let due = tables.messages.values().filter(|row| row.is_due(now));
        let oldest = due.map(|row| row.not_before.unwrap_or(row.created_at)).min();
        Ok(QueueDepth {
            queued: with(Status::Queued),
            due: count(&|row| row.is_due(now)),
            sending: with(Status::Sending),
            unconfirmed: with(Status::Unconfirmed),
            failed: with(Status::Failed),
            expired: with(Status::Expired),
            rejected: with(Status::Rejected),
            oldest_due: oldest
                .map(|since| Duration::try_from(now.duration_since(since)).unwrap_or_default()),
            sent_estimate: Some(count(&|row| row.status.is_accepted())),
        })
    }
}
