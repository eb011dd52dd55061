//! Limits, and pauses of the campaigns themselves. The only file that sleeps.
#![expect(clippy::disallowed_methods, reason = "a campaign lasts, and acts, by the clock")]

use std::time::{Duration, Instant};

/// Returns after so long: a limit for what nothing else ends, or the time that
/// an outage lasts.
pub(crate) async fn after(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Runs `work` for at most so long; whether it came to its end.
pub(crate) async fn within(time: Duration, work: impl Future<Output = ()>) -> bool {
    tokio::time::timeout(time, work).await.is_ok()
}

/// How long something takes.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn read(&self) -> Duration {
        self.0.elapsed()
    }
}
