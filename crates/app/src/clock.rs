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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_sleep_passes_on_the_monotonic_clock_and_not_before() {
        let clock = SystemClock::new();
        assert_eq!(clock.monotonic(), Duration::ZERO);
        clock.sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
    }

    #[test]
    fn the_wall_clock_is_that_of_the_machine() {
        let before = Timestamp::now();
        let told = SystemClock::new().wall();
        assert!((before..=Timestamp::now()).contains(&told), "{told}");
    }
}
