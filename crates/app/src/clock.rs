//! The one file that reads the clock.
#![allow(clippy::disallowed_methods)] // Its purpose.

use async_trait::async_trait;
use dispatcher_domain::ports::Clock;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// The clock of this machine.
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
