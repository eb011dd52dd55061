//! Messages on their way in, and the list of sent ones.

use super::DerivedBody;
use dispatcher_app::{SentEntry, Taken};
use serde::Serialize;
use utoipa::ToSchema;

/// One sent message.
#[derive(Serialize, ToSchema)]
pub(crate) struct SentMessageBody {
    id: i64,
    #[schema(example = "+905551234567")]
    phone_number: String,
    content: String,
    /// Always true in this list.
    sent: bool,
    /// When it was enqueued, RFC 3339.
    #[schema(example = "2025-10-02T10:00:00Z")]
    created_at: String,
    /// The provider's id; left out when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    /// When the cache took it in, RFC 3339; left out when it no longer has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_at: Option<String>,
}

/// The list of sent messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct SentListBody {
    /// Oldest first.
    pub(crate) messages: Vec<SentMessageBody>,
    /// How many sent messages there are.
    pub(crate) total: u64,
    /// Pass it as `cursor` for the next page; left out on the last page and
    /// in the whole list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// A new message.
#[derive(ToSchema)]
#[allow(dead_code)] // Only describes the request; `body` reads it by hand.
pub(crate) struct EnqueueBody {
    /// 10 to 20 characters, of which one is a digit and none a control
    /// character. The provider gets it as it is written here.
    #[schema(example = "+905551234567", min_length = 10, max_length = 20)]
    phone_number: String,
    /// 1 to MAX_CONTENT_LENGTH characters (160 by default), not all of them
    /// blank. It must have no control characters but tabs, line and page
    /// breaks, no noncharacters such as U+FFFE, no byte-order mark (U+FEFF) and
    /// no overrides of direction (U+202D, U+202E).
    #[schema(example = "Your code is 481516", min_length = 1)]
    content: String,
    /// It is not sent before then (RFC 3339, with its offset from UTC). A time
    /// that is over means: now.
    #[schema(example = "2025-10-02T13:00:00+03:00", format = DateTime)]
    not_before: Option<String>,
    /// No send starts from then on, and the message is `expired`: later than now
    /// and than `not_before`. What is on its way by then is not called back.
    #[schema(example = "2025-10-02T13:10:00+03:00", format = DateTime)]
    expires_at: Option<String>,
    /// Higher goes first; within a priority the older one.
    #[schema(example = 10, default = 0, minimum = -100, maximum = 100)]
    priority: Option<i32>,
}

/// A message that was stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnqueuedBody {
    id: i64,
    /// `queued`.
    #[schema(example = "queued")]
    status: &'static str,
    /// When it was stored, RFC 3339.
    #[schema(example = "2025-10-02T10:00:00.123456Z")]
    created_at: String,
    #[serde(flatten)]
    derived: DerivedBody,
}

impl From<SentEntry> for SentMessageBody {
    fn from(entry: SentEntry) -> Self {
        Self {
            id: entry.message.id.0,
            phone_number: entry.message.phone_number,
            content: entry.message.content,
            sent: true,
            created_at: entry.message.created_at.to_string(),
            message_id: entry.provider_message_id,
            cached_at: entry.cached_at.map(|at| at.to_string()),
        }
    }
}

impl From<Taken> for EnqueuedBody {
    fn from(taken: Taken) -> Self {
        Self {
            id: taken.stored.id.0,
            status: taken.stored.status.as_str(),
            created_at: taken.stored.created_at.to_string(),
            derived: taken.derived.into(),
        }
    }
}
