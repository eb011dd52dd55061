//! Time of this process.

use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// The clock of this process.
///
/// It is not the clock of the pace: when a send may start is decided by the
/// store's clock, which all replicas share.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Time since some fixed moment; never goes back, and goes on during a
    /// pause of the process. MUST be used for deadlines.
    fn monotonic(&self) -> Duration;

    /// Time of day, for display and for dates that the provider sends.
    fn wall(&self) -> Timestamp;

    /// Returns after `duration`.
    async fn sleep(&self, duration: Duration);
}
