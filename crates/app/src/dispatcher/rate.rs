//! Our own throttle: so many sends per second of this replica, evenly spread.

use crate::Drain;
use dispatcher_domain::ports::Clock;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Spaces the starts of this replica.
pub(super) struct Rate {
    interval: Option<Duration>,
    /// On the monotonic clock.
    next: Mutex<Duration>,
}

impl Rate {
    /// One start per `interval`; `None` is no throttle.
    pub(super) fn new(interval: Option<Duration>) -> Self {
        Self { interval, next: Mutex::new(Duration::ZERO) }
    }

    /// How many of `want` may be claimed at once.
    pub(super) fn at_once(&self, want: u32) -> u32 {
        if self.interval.is_some() { want.min(1) } else { want }
    }

    /// Returns when a start is allowed, or the drain is requested.
    pub(super) async fn wait(&self, clock: &dyn Clock, drain: &Drain) {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = next.saturating_sub(clock.monotonic());
        if !wait.is_zero() {
            tokio::select! {
                biased;
                () = clock.sleep(wait) => {}
                () = drain.requested() => {}
            }
        }
    }

    /// A start happens at `now`.
    pub(super) fn started(&self, now: Duration) {
        if let Some(interval) = self.interval {
            *self.next.lock().unwrap_or_else(PoisonError::into_inner) = now + interval;
        }
    }
}
