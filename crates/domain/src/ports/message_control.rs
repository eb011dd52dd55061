//! What operators decide about single messages.

use super::StoreError;
use crate::{IdempotencyKey, MessageId, OperatorRequest, Refusal, Status};
use async_trait::async_trait;
use std::time::Duration;

/// Lets operators decide about single messages.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageControl: Send + Sync {
    /// Does what `request` wants of the message with this id, if
    /// [`OperatorRequest::judge`] allows it.
    ///
    /// - MUST judge the message as it stands and change it in one step: no
    ///   START, no end of a send and no other decision comes in between.
    /// - MUST change nothing when it is refused, or so already.
    /// - MUST give a message that it puts back all its tries, let it wait for
    ///   nothing, and keep its attempt number; an `expires_at` that is over MUST
    ///   be gone then, one to come MUST stay.
    /// - MUST measure the age of a key from the first START under it.
    /// - MUST have the change on durable storage before it answers `Ok`.
    /// - MUST be repeatable: after [`StoreError::Unconfirmed`] the same request
    ///   may be made again.
    async fn decide(
        &self,
        id: MessageId,
        request: &OperatorRequest,
        key_window: Duration,
    ) -> Result<Decided, StoreError>;
}

/// What came of an operator's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// There is no message with this id.
    NotFound,
    /// Nothing has changed, and this is why.
    Refused(Refusal),
    /// It is as the operator wants it.
    Done(Decision),
}

/// The message after a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its status before.
    pub was: Status,
    /// Its status now.
    pub status: Status,
    /// Whether this request changed it; `false`: it was so already.
    pub changed: bool,
    /// The provider may have accepted it although its status does not say so.
    pub maybe_sent: bool,
    /// The key of its next attempt, or of its last if there is no next.
    pub key: IdempotencyKey,
}
