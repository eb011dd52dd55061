//! How long to go on asking.

use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

const POLL: Duration = Duration::from_millis(200);
/// No one waits longer, and later times overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// What is left of the time that a caller is willing to wait.
pub(super) struct Patience {
    total: Duration,
    ends: Instant,
    ticks: Interval,
}

impl Patience {
    pub(super) fn new(total: Duration) -> Self {
        let now = Instant::now();
        let mut ticks = interval_at(now + POLL, POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { total, ends: now + total.min(LONGEST), ticks }
    }

    /// A moment, before asking again.
    pub(super) async fn pause(&mut self) {
        self.ticks.tick().await;
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// All of it, as the caller gave it.
    pub(super) fn total(&self) -> Duration {
        self.total
    }
}
