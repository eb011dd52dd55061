//! The way to the SMS provider.

use crate::{ClaimedMessage, IdempotencyKey, LookUp, SendOutcome};
use async_trait::async_trait;
use std::time::Duration;

/// Sends one message to the provider.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SmsGateway: Send + Sync {
    /// Makes one request to the provider, with the message's idempotency key.
    ///
    /// - MUST return within [`SmsGateway::deadline`].
    /// - MUST send at most one request: no retry in any layer, no redirect.
    /// - MUST answer `NotSent` only when no byte of the request can have
    ///   reached the provider, or the provider is configured to say so.
    /// - MUST keep phone number and body out of errors and logs.
    async fn send(&self, message: &ClaimedMessage) -> SendOutcome;

    /// Asks the provider whether it has accepted a message with this key. Most
    /// providers cannot be asked.
    ///
    /// - MUST return within [`SmsGateway::deadline`].
    /// - MUST answer `Accepted` or `NotKnown` only when the provider said so.
    async fn look_up(&self, _key: &IdempotencyKey) -> LookUp {
        LookUp::Unsupported
    }

    /// The longest that [`SmsGateway::send`] takes.
    fn deadline(&self) -> Duration;
}
