//! Reading messages: lists of them, and each with its attempts.

use super::StoreError;
use crate::{Derived, IdempotencyKey, MessageId, Status};
use async_trait::async_trait;
use jiff::Timestamp;

/// Reads messages without changing them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageArchive: Send + Sync {
    /// Sent messages after `cursor`, oldest first (`created_at`, then `id`),
    /// at most `limit`.
    ///
    /// - MUST list every sent message exactly once when each page starts
    ///   after the last entry of the one before.
    async fn sent_after(
        &self,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<SentMessage>, StoreError>;

    /// How many sent messages there are, exactly.
    async fn count_sent(&self) -> Result<u64, StoreError>;

    /// Messages of one status after `cursor`, oldest first (`created_at`, then
    /// `id`), at most `limit`.
    ///
    /// - MUST list every message that keeps the status exactly once when each
    ///   page starts after the last entry of the one before.
    async fn list(
        &self,
        status: Status,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<Vec<MessageSummary>, StoreError>;

    /// The message with this id, whatever its status, and its attempts.
    ///
    /// - MUST list every attempt, oldest first, and how each ended.
    /// - MUST tell, as [`MessageArchive::list`] does, what [`Derived::of_row`]
    ///   makes of the row.
    async fn find(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError>;
}

/// One message, whatever became of it.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageSummary {
    /// Row id.
    pub id: MessageId,
    /// Recipient.
    pub phone_number: String,
    /// Body.
    pub content: String,
    /// What follows from these two.
    pub derived: Derived,
    /// Where it is in its life.
    pub status: Status,
    /// Why.
    pub status_reason: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// From when on it is due, if it waits.
    pub not_before: Option<Timestamp>,
    /// From when on no send starts, if it ends.
    pub expires_at: Option<Timestamp>,
    /// Higher goes first.
    pub priority: i16,
    /// When its acceptance was recorded.
    pub sent_at: Option<Timestamp>,
    /// The provider's id, if it gave one.
    pub provider_message_id: Option<String>,
    /// Sends whose outcome is unknown.
    pub unknown_outcomes: u32,
    /// Its last attempt; 0 before the first.
    pub attempt: i32,
    /// The key of its next attempt, or of its last if there is no next.
    pub key: IdempotencyKey,
}

/// All that is known of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// The message.
    pub message: MessageSummary,
    /// Oldest first.
    pub attempts: Vec<AttemptRecord>,
}

/// One START of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// 1-based.
    pub attempt: i32,
    /// The key it was sent under.
    pub key: IdempotencyKey,
    /// Who sent.
    pub instance: String,
    /// When the START was committed.
    pub started_at: Timestamp,
    /// When its end was recorded.
    pub finished_at: Option<Timestamp>,
    /// How it ended; `None` while in flight.
    pub outcome: Option<String>,
    /// More precisely.
    pub reason: Option<String>,
    /// The provider's answer, if one arrived.
    pub http_status: Option<u16>,
}

impl MessageSummary {
    /// The provider may have accepted it although its status does not say so.
    #[must_use]
    pub fn maybe_sent(&self) -> bool {
        self.unknown_outcomes > 0 && !self.status.is_accepted()
    }

    /// The place of this entry.
    #[must_use]
    pub fn cursor(&self) -> SentCursor {
        SentCursor { created_at: self.created_at, id: self.id }
    }
}

/// Leaves out what is personal.
impl std::fmt::Debug for MessageSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageSummary")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("status_reason", &self.status_reason)
            .finish_non_exhaustive()
    }
}

/// A place in a list of messages, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentCursor {
    /// Of the last entry seen.
    pub created_at: Timestamp,
    /// Of the last entry seen.
    pub id: MessageId,
}

/// One entry of the list of sent messages, as it is stored. Rows of the
/// predecessor need not be valid by today's rules, so these are plain texts.
#[derive(Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// Row id.
    pub id: MessageId,
    /// Recipient.
    pub phone_number: String,
    /// Body.
    pub content: String,
    /// `sent`, `delivered` or `undelivered`.
    pub status: Status,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When its acceptance was recorded; nobody knows for rows of others.
    pub sent_at: Option<Timestamp>,
    /// The provider's id, if it gave one.
    pub provider_message_id: Option<String>,
}

impl SentMessage {
    /// The place of this entry.
    #[must_use]
    pub fn cursor(&self) -> SentCursor {
        SentCursor { created_at: self.created_at, id: self.id }
    }
}

/// Leaves out what is personal.
impl std::fmt::Debug for SentMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentMessage")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("created_at", &self.created_at)
            .field("provider_message_id", &self.provider_message_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn sent() -> SentMessage {
        SentMessage {
            id: MessageId(7),
            phone_number: "+905551234567".to_owned(),
            content: "PIN 481516".to_owned(),
            status: Status::Sent,
            created_at: Timestamp::UNIX_EPOCH,
            sent_at: None,
            provider_message_id: Some("a-1".to_owned()),
        }
    }

    fn summary(status: Status, unknown_outcomes: u32) -> MessageSummary {
        let SentMessage { id, phone_number, content, created_at, .. } = sent();
        MessageSummary {
            id,
            derived: Derived::of(&phone_number, &content),
            phone_number,
            content,
            status,
            status_reason: Some("timeout".to_owned()),
            created_at,
            not_before: None,
            expires_at: None,
            priority: 0,
            sent_at: None,
            provider_message_id: None,
            unknown_outcomes,
            attempt: 1,
            key: IdempotencyKey::new(Uuid::nil(), 0),
        }
    }

    #[test]
    fn debug_names_the_message_and_leaves_out_what_is_personal() {
        let shown = [format!("{:?}", sent()), format!("{:?}", summary(Status::Failed, 0))];
        for shown in shown {
            assert!(shown.contains("MessageId(7)"), "{shown}");
            assert!(!shown.contains("481516") && !shown.contains("555"), "{shown}");
        }
    }

    #[test]
    fn a_place_is_the_time_and_the_id() {
        let place = SentCursor { created_at: Timestamp::UNIX_EPOCH, id: MessageId(7) };
        assert_eq!((sent().cursor(), summary(Status::Failed, 0).cursor()), (place, place));
    }

    #[test]
    fn what_was_not_accepted_may_have_been_sent_if_any_outcome_is_unknown() {
        assert!(summary(Status::Failed, 1).maybe_sent());
        assert!(!summary(Status::Failed, 0).maybe_sent());
        assert!(!summary(Status::Sent, 1).maybe_sent(), "it was");
    }
}
