//! What the store keeps: the columns of the database, as fields.

use dispatcher_domain::{Derived, LeaseToken, MessageId, PhoneNumber, Status, StatusReason};
use jiff::Timestamp;
use std::cmp::Reverse;
use uuid::Uuid;

/// One message. The fields mean what the columns of the same name mean.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct MessageRow {
    pub id: MessageId,
    pub uuid: Uuid,
    pub phone_number: String,
    pub content: String,
    pub created_at: Timestamp,
    pub status: Status,
    pub status_reason: Option<StatusReason>,
    pub priority: i16,
    pub not_before: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub key_epoch: i32,
    pub attempt: i32,
    pub tries_used: i32,
    pub unknown_outcomes: i32,
    pub started_at: Option<Timestamp>,
    pub lease_token: Option<LeaseToken>,
    pub lease_until: Option<Timestamp>,
    pub resend_until: Option<Timestamp>,
    pub next_probe_at: Timestamp,
    pub probes: u32,
    pub sent_at: Option<Timestamp>,
    pub provider_message_id: Option<String>,
    pub derived: Option<Derived>,
}

/// One START of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AttemptRow {
    pub message_uuid: Uuid,
    pub attempt: i32,
    pub key_epoch: i32,
    pub lease_token: LeaseToken,
    pub instance: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub outcome: Option<&'static str>,
    pub reason: Option<String>,
    pub http_status: Option<u16>,
}

impl AttemptRow {
    /// The provider may have seen its key: it was not given back, and not
    /// stopped before a byte left.
    pub(crate) fn may_have_left(&self) -> bool {
        match self.outcome {
            Some("released") => false,
            Some("not_sent") => self.http_status.is_some(),
            _ => true,
        }
    }

    /// Writes down the end; answers the outcome that was there before.
    pub(crate) fn end(
        &mut self,
        now: Timestamp,
        outcome: &'static str,
        reason: Option<String>,
    ) -> Option<&'static str> {
        self.finished_at.get_or_insert(now);
        self.reason = reason;
        self.outcome.replace(outcome)
    }
}

impl MessageRow {
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.status == Status::Queued && self.not_before.is_none_or(|from| from <= now)
    }

    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.status == Status::Queued && self.expires_at.is_some_and(|end| end <= now)
    }

    pub(crate) fn queue_order(&self) -> (Reverse<i16>, Timestamp, MessageId) {
        (Reverse(self.priority), self.created_at, self.id)
    }

    /// Two spellings of one number are one recipient. A row written raw may
    /// hold no valid number; it is its own recipient then.
    pub(crate) fn recipient(&self) -> String {
        PhoneNumber::of_row(&self.phone_number)
            .map_or_else(|_| self.phone_number.clone(), |number| number.recipient_key())
    }

    /// What follows from its texts, as readers see it.
    pub(crate) fn shown(&self) -> Derived {
        Derived::of_row(self.status, self.derived, &self.phone_number, &self.content)
    }

    pub(crate) fn become_status(&mut self, status: Status, reason: Option<StatusReason>) {
        self.status = status;
        self.status_reason = reason;
    }
}
