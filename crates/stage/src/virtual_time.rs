//! Hours that pass in a moment: for tests with `start_paused`, in whose runtime
//! time moves only when everybody waits.
#![allow(clippy::disallowed_methods)] // Its purpose: the runtime's paused time.

use async_trait::async_trait;
use dispatcher_domain::ports::Clock;
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Time that starts at zero, moved on by those who sleep.
pub struct VirtualClock(Instant);

impl VirtualClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Instant::now()))
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
