//! What operators ask for, and what they are told.

use dispatcher_domain::{MessageId, ports::Decision};
use serde::Serialize;
use utoipa::ToSchema;

/// Cancels a message.
#[derive(ToSchema)]
#[allow(dead_code)] // Only describes the request; `command_body` reads it by hand.
pub(crate) struct CancelBody {
    /// The last attempt that you saw, 0 if none: a message that was started
    /// again since is left alone.
    #[schema(example = 0, minimum = 0)]
    attempt: Option<i32>,
}

/// Puts a message back into the queue.
#[derive(ToSchema)]
#[allow(dead_code)] // Only describes the request; `command_body` reads it by hand.
pub(crate) struct RequeueBody {
    /// Also when it may have been sent: the recipient may get a second SMS.
    #[schema(example = false, default = false)]
    force: Option<bool>,
    /// The last attempt that you saw: a message that was started again since is
    /// left alone.
    #[schema(example = 1, minimum = 0)]
    attempt: Option<i32>,
}

/// Says what became of a message.
#[derive(ToSchema)]
#[allow(dead_code)] // Only describes the request; `command_body` reads it by hand.
pub(crate) struct ResolveBody {
    /// `sent` or `not_sent`.
    #[schema(example = "sent")]
    outcome: String,
    /// The provider's id, with `sent` only, if you know it.
    #[schema(example = "67f2f8a8-ea58-4ed0-a6f9-ff217df4d849", max_length = 255)]
    message_id: Option<String>,
    /// The last attempt that you saw: a message that was started again since is
    /// left alone.
    #[schema(example = 1, minimum = 0)]
    attempt: Option<i32>,
}

/// A message after a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionBody {
    id: i64,
    /// Its status before.
    #[schema(example = "unconfirmed")]
    was: &'static str,
    /// Its status now.
    #[schema(example = "sent")]
    status: &'static str,
    /// Whether this call changed it; `false`: it was so already.
    changed: bool,
    /// The provider may have accepted it although the status does not say so.
    #[schema(example = false)]
    maybe_sent: bool,
    /// The key of its next attempt, or of its last if there is no next.
    #[schema(example = "5f0c7c6e-6f0e-4b0a-9d3e-0a8a4f1f8a52-1")]
    idempotency_key: String,
}

impl DecisionBody {
    pub(crate) fn of(id: MessageId, decision: &Decision) -> Self {
        Self {
            id: id.0,
            was: decision.was.as_str(),
            status: decision.status.as_str(),
            changed: decision.changed,
            maybe_sent: decision.maybe_sent,
            idempotency_key: decision.key.as_str().to_owned(),
        }
    }
}
