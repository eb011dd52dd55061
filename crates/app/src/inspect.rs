//! Looking at messages: at one, or at those of one status.

use dispatcher_domain::{
    MessageId, Status,
    ports::{MessageArchive, MessageRecord, MessageSummary, SentCursor, StoreError},
};
use std::sync::Arc;

/// Looks at messages, whatever became of them.
pub struct Inspect {
    archive: Arc<dyn MessageArchive>,
}

/// Some messages, and where the next ones start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// Oldest first.
    pub messages: Vec<MessageSummary>,
    /// `None` on the last page.
    pub next: Option<SentCursor>,
}

impl Inspect {
    /// Over `archive`.
    #[must_use]
    pub fn new(archive: Arc<dyn MessageArchive>) -> Self {
        Self { archive }
    }

    /// The message with this id and its attempts; `None` when there is none.
    ///
    /// # Errors
    /// The store's.
    pub async fn run(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        self.archive.find(id).await
    }

    /// At most `limit` messages of this status after `cursor`.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        status: Status,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<MessagePage, StoreError> {
        let messages = self.archive.list(status, cursor, limit).await?;
        let full = messages.len() >= limit as usize;
        let next = messages.last().filter(|_| full).map(MessageSummary::cursor);
        Ok(MessagePage { messages, next })
    }
}
