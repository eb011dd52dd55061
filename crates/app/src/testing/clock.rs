//! Time in the hands of a test.
#![allow(clippy::disallowed_methods)] // Its purpose: the runtime's paused time.

use async_trait::async_trait;
use dispatcher_domain::ports::Clock;
use jiff::Timestamp;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// Monotonic time that starts at zero; its own sleepers move it on.
pub(crate) struct ManualClock {
    origin: Instant,
    jumped: Mutex<Duration>,
    /// The last time that was read, and how often.
    read: Mutex<(Duration, u32)>,
}

impl ManualClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { origin: Instant::now(), jumped: Mutex::default(), read: Mutex::default() })
    }

    /// As if the process had stood still for so long.
    pub(crate) fn jump(&self, duration: Duration) {
        *self.jumped.lock().unwrap() += duration;
    }

    /// A loop that takes no time would keep its test from ending: fail it.
    fn refuse_to_spin(&self, now: Duration) {
        let mut read = self.read.lock().unwrap();
        *read = if read.0 == now { (now, read.1 + 1) } else { (now, 0) };
        assert!(read.1 < 100_000, "something spins");
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn monotonic(&self) -> Duration {
        let now = self.origin.elapsed() + *self.jumped.lock().unwrap();
        self.refuse_to_spin(now);
        now
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap() + self.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.monotonic(); // Counts as a reading.
        tokio::time::sleep(duration).await;
    }
}

/// What `work` gives, or a failed test: nothing here may take a day.
pub(crate) async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    let day = Duration::from_secs(86_400);
    tokio::time::timeout(day, work).await.unwrap_or_else(|_| panic!("never: {what}"))
}
