//! How long to go on asking.

use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

const POLL: Duration = Duration::from_millis(200);
/// The log of a container that waits should say so, and say why, without filling up.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// No one waits longer, and later times overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// What is left of the time that a caller is willing to wait.
pub(super) struct Patience {
    total: Duration,
    ends: Instant,
    ticks: Interval,
    tell_at: Option<Instant>,
}

impl Patience {
    pub(super) fn new(total: Duration) -> Self {
        let now = Instant::now();
        let mut ticks = interval_at(now + POLL, POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { total, ends: now + total.min(LONGEST), ticks, tell_at: None }
    }

    /// A moment, before asking again.
    pub(super) async fn pause(&mut self) {
        self.ticks.tick().await;
    }

    /// A longer moment.
    pub(super) async fn pause_for(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            self.pause().await;
        }
    }

    /// Whether it is time to tell what is waited for: at once, and then now and
    /// then.
    pub(super) fn is_time_to_tell(&mut self) -> bool {
        let now = Instant::now();
        let is_time = self.tell_at.is_none_or(|at| now >= at);
        if is_time {
            self.tell_at = Some(now + TELL_EVERY);
        }
        is_time
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.ends
    }

    /// All of it, as the caller gave it.
    pub(super) fn total(&self) -> Duration {
        self.total
    }
}
