//! Telling the delivery cache what was accepted, beside the sends: a cache that
//! is slow delays nothing.

use super::{DispatcherPorts, background::Background};
use dispatcher_domain::{ClaimedMessage, Completion, Effect, Receipt, ports::Clock};
use std::{sync::Arc, time::Duration};

/// Most receipts on their way. A cache that has so many unanswered will not
/// miss one more.
const AT_ONCE: usize = 256;

/// The receipts on their way.
#[derive(Default)]
pub(super) struct Receipts(Background);

impl Receipts {
    /// Begins to write the receipt of `message`, if it was accepted.
    pub(super) fn begin(
        &self,
        ports: &DispatcherPorts,
        message: &ClaimedMessage,
        completion: &Completion,
    ) {
        let Effect::Sent { provider_message_id } = &completion.effect else { return };
        if self.0.len() >= AT_ONCE {
            tracing::debug!(id = %message.id, "the delivery cache is too slow for a receipt");
            return;
        }
        let receipt = Receipt {
            id: message.id,
            key: message.key.clone(),
            attempt: message.lease.attempt,
            token: message.lease.token,
            provider_message_id: provider_message_id.clone(),
            accepted_at: ports.clock.wall(),
        };
        let cache = Arc::clone(&ports.cache);
        self.0.spawn(async move {
            if let Err(error) = cache.record(&receipt).await {
                // A hint is lost, nothing else.
                let error = &error as &dyn std::error::Error;
                tracing::debug!(id = %receipt.id, error, "the delivery cache was not written");
            }
        });
    }

    /// Waits for all of them, at most `limit`.
    pub(super) async fn settle(&self, clock: &dyn Clock, limit: Duration) {
        self.0.settle(clock, limit).await;
    }
}
