//! One message with its attempts.

use dispatcher_domain::ports::{AttemptRecord, MessageRecord};
use serde::Serialize;
use utoipa::ToSchema;

/// One message, whatever became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageBody {
    id: i64,
    #[schema(example = "+905551234567")]
    phone_number: String,
    content: String,
    /// `queued`, `sending`, `sent`, `failed`, `unconfirmed`, `canceled` or `rejected`.
    #[schema(example = "sent")]
    status: &'static str,
    /// Why, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    /// The provider may have accepted it although the status does not say so.
    maybe_sent: bool,
    /// When it was enqueued, RFC 3339.
    created_at: String,
    /// It waits until then, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    /// When its acceptance was recorded, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    /// The provider's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    /// Oldest first.
    attempts: Vec<AttemptBody>,
}

/// One attempt to send a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptBody {
    /// 1-based.
    attempt: i32,
    /// Which instance sent.
    instance: String,
    /// RFC 3339.
    started_at: String,
    /// RFC 3339; left out while in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    /// `accepted`, `not_sent`, `rate_limited`, `refused`, `misconfigured`,
    /// `unknown`, `released` (no request was made) or `abandoned` (its instance
    /// vanished); left out while in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    /// The outcome more precisely.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The provider's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
}

impl From<MessageRecord> for MessageBody {
    fn from(message: MessageRecord) -> Self {
        Self {
            id: message.id.0,
            status: message.status.as_str(),
            maybe_sent: message.maybe_sent(),
            phone_number: message.phone_number,
            content: message.content,
            status_reason: message.status_reason,
            created_at: message.created_at.to_string(),
            not_before: message.not_before.map(|at| at.to_string()),
            sent_at: message.sent_at.map(|at| at.to_string()),
            message_id: message.provider_message_id,
            attempts: message.attempts.into_iter().map(AttemptBody::from).collect(),
        }
    }
}

impl From<AttemptRecord> for AttemptBody {
    fn from(attempt: AttemptRecord) -> Self {
        Self {
            attempt: attempt.attempt,
            instance: attempt.instance,
            started_at: attempt.started_at.to_string(),
            finished_at: attempt.finished_at.map(|at| at.to_string()),
            outcome: attempt.outcome,
            reason: attempt.reason,
            http_status: attempt.http_status,
        }
    }
}
