//! Looking at one message.

use dispatcher_domain::{
    MessageId,
    ports::{MessageArchive, MessageRecord, StoreError},
};
use std::sync::Arc;

/// Looks at messages, whatever became of them.
pub struct Inspect {
    archive: Arc<dyn MessageArchive>,
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
}
