//! Ports that count what goes through them: each wraps another of its kind and
//! does as that one does. What uses them knows nothing of it.

mod cache;
mod gateway;
mod messages;

pub use cache::MeteredCache;
pub use gateway::MeteredGateway;
pub use messages::MeteredMessages;

use dispatcher_domain::ports::{Clock, Meter};
use std::{sync::Arc, time::Duration};

/// Counts, and measures time.
#[derive(Clone)]
struct Gauge {
    meter: Arc<dyn Meter>,
    clock: Arc<dyn Clock>,
}

impl Gauge {
    /// What `call` gives, and how long it took.
    async fn time<T>(&self, call: impl Future<Output = T>) -> (T, Duration) {
        let start = self.clock.monotonic();
        let answer = call.await;
        (answer, self.clock.monotonic().saturating_sub(start))
    }
}

#[cfg(test)]
mod tests;
