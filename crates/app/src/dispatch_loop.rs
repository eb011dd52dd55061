//! One batch after the other, until the process ends.

mod log;

use crate::{Dispatcher, Drain};
use dispatcher_domain::ports::Clock;
use log::Log;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How often to look when nothing tells us to: messages come by SQL, and stop
/// and start by other replicas.
const POLL: Duration = Duration::from_millis(500);

/// Waits at least this long, whatever a store says: no loop may spin.
const BREATH: Duration = Duration::from_millis(2);

/// Calls the loop: something may be due now.
#[derive(Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Have the loop look at once.
    pub fn call(&self) {
        self.0.notify_one();
    }

    /// Returns once it was called, be it before; one call wakes once.
    pub(crate) async fn called(&self) {
        self.0.notified().await;
    }
}

/// Runs batches for ever.
pub struct DispatchLoop {
    dispatcher: Arc<Dispatcher>,
    clock: Arc<dyn Clock>,
    wake: Wake,
    drain: Drain,
}

impl DispatchLoop {
    /// A loop over `dispatcher` that ends with `drain`.
    #[must_use]
    pub fn new(
        dispatcher: Arc<Dispatcher>,
        clock: Arc<dyn Clock>,
        wake: Wake,
        drain: Drain,
    ) -> Self {
        Self { dispatcher, clock, wake, drain }
    }

    /// Runs until the drain is requested and the last batch has ended.
    pub async fn run(self) {
        let mut log = Log::default();
        while !self.drain.is_requested() {
            let report = self.dispatcher.run_once(&self.drain).await;
            log.batch(&report);
            let wait = report.pause.wait(POLL).max(BREATH);
            tokio::select! {
                biased;
                () = self.clock.sleep(wait) => {}
                () = self.wake.called() => {}
                () = self.drain.requested() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
