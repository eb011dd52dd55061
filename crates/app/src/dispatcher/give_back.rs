//! Claims that may be ours without our knowing.
//!
//! When the answer to a COMMIT is lost, the claim may have taken effect, or may
//! yet take effect. Nothing of it was POSTed, so it is given back, over and
//! over until the lease and its grace have passed: after that the rescue has
//! judged it.

use super::{DispatcherPorts, background::Background};
use dispatcher_domain::{ClaimedMessage, LeaseToken, ports::Clock};
use std::time::Duration;

/// Between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// The give-backs under way.
#[derive(Default)]
pub(super) struct GiveBacks(Background);

impl GiveBacks {
    /// Gives back everything under `token`, trying for `hold`.
    pub(super) fn begin(&self, ports: &DispatcherPorts, token: LeaseToken, hold: Duration) {
        let ports = ports.clone();
        self.0.spawn(async move {
            let until = ports.clock.monotonic() + hold;
            // Zero may mean "not yet": the COMMIT can still be on its way.
            while !matches!(ports.messages.release_claim(token).await, Ok(1..))
                && ports.clock.monotonic() < until
            {
                ports.clock.sleep(AGAIN).await;
            }
        });
    }

    /// Gives one message back, trying for `hold`.
    pub(super) fn begin_one(
        &self,
        ports: &DispatcherPorts,
        message: &ClaimedMessage,
        hold: Duration,
    ) {
        let (ports, id, lease) = (ports.clone(), message.id, message.lease.clone());
        self.0.spawn(async move {
            let until = ports.clock.monotonic() + hold;
            while ports.messages.release(id, &lease).await.is_err()
                && ports.clock.monotonic() < until
            {
                ports.clock.sleep(AGAIN).await;
            }
        });
    }

    /// Waits for all of them, at most `limit`.
    pub(super) async fn settle(&self, clock: &dyn Clock, limit: Duration) {
        self.0.settle(clock, limit).await;
    }
}
