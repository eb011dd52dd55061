//! How much is in the queue.

use super::StoreError;
use crate::Status;
use async_trait::async_trait;
use std::time::Duration;

/// Counts messages, cheaply: it is asked every few seconds, whatever the size
/// of the table.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait QueueStats: Send + Sync {
    /// The queue now.
    ///
    /// - MUST NOT read what was sent: that is nearly all of the table.
    /// - MUST count exactly up to [`QueueDepth::EXACT_UP_TO`] messages of a
    ///   status; above that it may estimate, or say just this number.
    /// - MUST measure ages by the store's clock.
    async fn queue_depth(&self) -> Result<QueueDepth, StoreError>;
}

/// How much is in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// `queued`: due, or waiting for their time.
    pub queued: u64,
    /// Those of them that are due.
    pub due: u64,
    /// `sending`: in flight, or left by an owner that vanished.
    pub sending: u64,
    /// `unconfirmed`.
    pub unconfirmed: u64,
    /// `failed`: dead letters.
    pub failed: u64,
    /// `expired`: not sent in time.
    pub expired: u64,
    /// `rejected`: no valid SMS.
    pub rejected: u64,
    /// For how long the oldest due message has been due: since it was
    /// enqueued, or since its time came. `None` when nothing is due.
    pub oldest_due: Option<Duration>,
    /// About how many were accepted by the provider; `None` when the store has
    /// no idea.
    pub sent_estimate: Option<u64>,
}

impl QueueDepth {
    /// Up to this number of messages, a count is exact.
    pub const EXACT_UP_TO: u64 = 100_000;

    /// The statuses that are counted.
    #[must_use]
    pub fn by_status(&self) -> [(Status, u64); 6] {
        [
            (Status::Queued, self.queued),
            (Status::Sending, self.sending),
            (Status::Unconfirmed, self.unconfirmed),
            (Status::Failed, self.failed),
            (Status::Expired, self.expired),
            (Status::Rejected, self.rejected),
        ]
    }
}
