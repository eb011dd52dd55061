//! Messages as operators see them: in lists, and one with its attempts.

use super::DerivedBody;
use dispatcher_domain::ports::{AttemptRecord, MessageRecord, MessageSummary};
use serde::Serialize;
use utoipa::ToSchema;

/// One message, whatever became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageSummaryBody {
    id: i64,
    #[schema(example = "+905551234567")]
    phone_number: String,
    content: String,
    #[serde(flatten)]
    derived: DerivedBody,
    /// `queued`, `sending`, `sent`, `failed`, `unconfirmed`, `canceled`,
    /// `expired` or `rejected`.
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
    /// No send starts from then on, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Higher goes first.
    #[schema(example = 0)]
    priority: i16,
    /// When its acceptance was recorded, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    /// The provider's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    /// Its last attempt; 0 before the first.
    attempt: i32,
    /// The key of its next attempt, or of its last if there is no next.
    idempotency_key: String,
}

/// One message with its attempts.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageBody {
    #[serde(flatten)]
    message: MessageSummaryBody,
    /// Oldest first.
    attempts: Vec<AttemptBody>,
}

/// Messages of one status.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageListBody {
    /// Oldest first.
    pub(crate) messages: Vec<MessageSummaryBody>,
    /// Pass it as `cursor` for the next page; left out on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// One attempt to send a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptBody {
    /// 1-based.
    attempt: i32,
    /// The `Idempotency-Key` that the provider saw.
    idempotency_key: String,
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

impl From<MessageSummary> for MessageSummaryBody {
    fn from(message: MessageSummary) -> Self {
        Self {
            id: message.id.0,
            status: message.status.as_str(),
            maybe_sent: message.maybe_sent(),
            phone_number: message.phone_number,
            content: message.content,
            derived: message.derived.into(),
            status_reason: message.status_reason,
            created_at: message.created_at.to_string(),
            not_before: message.not_before.map(|at| at.to_string()),
            expires_at: message.expires_at.map(|at| at.to_string()),
            priority: message.priority,
            sent_at: message.sent_at.map(|at| at.to_string()),
            message_id: message.provider_message_id,
            attempt: message.attempt,
            idempotency_key: message.key.as_str().to_owned(),
        }
    }
}

impl From<MessageRecord> for MessageBody {
    fn from(record: MessageRecord) -> Self {
        Self {
            message: record.message.into(),
            attempts: record.attempts.into_iter().map(AttemptBody::from).collect(),
        }
    }
}

impl From<AttemptRecord> for AttemptBody {
    fn from(attempt: AttemptRecord) -> Self {
        Self {
            attempt: attempt.attempt,
            idempotency_key: attempt.key.as_str().to_owned(),
            instance: attempt.instance,
            started_at: attempt.started_at.to_string(),
            finished_at: attempt.finished_at.map(|at| at.to_string()),
            outcome: attempt.outcome,
            reason: attempt.reason,
            http_status: attempt.http_status,
        }
    }
}
