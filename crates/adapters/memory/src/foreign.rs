//! What programs of the predecessor do: they write the column `sent`, and empty
//! the table. The databases have triggers for the first.

use crate::{MemoryStore, MessageRow};
use dispatcher_domain::{Status, StatusReason};
use jiff::Timestamp;

impl MemoryStore {
    /// `TRUNCATE messages RESTART IDENTITY`: ids begin again, and attempts stay
    /// on record.
    pub fn truncate(&self) {
        self.tables().truncate();
    }
}

impl MessageRow {
    /// Writes the column `sent`; `false` where a database refuses that.
    pub fn write_sent(&mut self, sent: Option<bool>, now: Timestamp) -> bool {
        if sent == self.status.legacy_sent() {
            return true;
        }
        match (sent, self.status) {
            (Some(true), _) => {
                self.sent_at.get_or_insert(now);
                self.become_status(Status::Sent, Some(StatusReason::of("marked_by_sql")));
            }
            (Some(false) | None, Status::Sending) => return false,
            (Some(false), _) => self.requeue_by_sql(now),
            (None, Status::Queued) => {
                self.become_status(Status::Canceled, Some(StatusReason::of("canceled_by_sql")));
            }
            (None, _) => return false,
        }
        true
    }

    /// A message that may have been sent keeps its key; one that was sent is
    /// meant to be sent again.
    fn requeue_by_sql(&mut self, now: Timestamp) {
        if self.unknown_outcomes == 0 || self.status.is_accepted() {
            self.key_epoch += 1;
        }
        self.not_before = None;
        // Or it would expire again at once; one to come stays.
        self.expires_at = self.expires_at.filter(|end| *end > now);
        self.resend_until = None;
        self.tries_used = 0;
        self.sent_at = None;
        self.provider_message_id = None;
        self.become_status(Status::Queued, Some(StatusReason::of("requeued_by_sql")));
    }
}
