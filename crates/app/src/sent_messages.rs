//! The list of sent messages, enriched by the delivery cache.

use dispatcher_domain::{
    CachedDelivery, MessageId,
    ports::{DeliveryCache, MessageArchive, SentCursor, SentMessage, StoreError},
};
use jiff::Timestamp;
use std::{collections::HashMap, sync::Arc};

/// Lists sent messages.
pub struct SentMessages {
    archive: Arc<dyn MessageArchive>,
    cache: Arc<dyn DeliveryCache>,
}

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentEntry {
    /// As stored.
    pub message: SentMessage,
    /// The provider's id: from the store, else from the cache.
    pub provider_message_id: Option<String>,
    /// When the cache took it in, while it still has it.
    pub cached_at: Option<Timestamp>,
}

/// Some entries, and where the next ones start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPage {
    /// Oldest first.
    pub entries: Vec<SentEntry>,
    /// `None` on the last page.
    pub next: Option<SentCursor>,
}

impl SentMessages {
    /// Over `archive`, with what `cache` still knows.
    #[must_use]
    pub fn new(archive: Arc<dyn MessageArchive>, cache: Arc<dyn DeliveryCache>) -> Self {
        Self { archive, cache }
    }

    /// At most `limit` entries after `cursor`.
    ///
    /// # Errors
    /// The store's. A failing cache only leaves its fields out.
    pub async fn page(
        &self,
        cursor: Option<SentCursor>,
        limit: u32,
    ) -> Result<SentPage, StoreError> {
        let messages = self.archive.sent_after(cursor, limit).await?;
        let full = messages.len() >= limit as usize;
        let next = messages.last().filter(|_| full).map(SentMessage::cursor);
        let cached = self.cached(&messages).await;
        let entries = messages.into_iter().map(|message| entry(message, &cached)).collect();
        Ok(SentPage { entries, next })
    }

    /// How many sent messages there are.
    ///
    /// # Errors
    /// The store's.
    pub async fn total(&self) -> Result<u64, StoreError> {
        self.archive.count_sent().await
    }

    async fn cached(&self, messages: &[SentMessage]) -> HashMap<MessageId, CachedDelivery> {
        if messages.is_empty() {
            return HashMap::new();
        }
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        self.cache.lookup(&ids).await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the list goes without the delivery cache");
            HashMap::new()
        })
    }
}

fn entry(message: SentMessage, cached: &HashMap<MessageId, CachedDelivery>) -> SentEntry {
    let stored = message.provider_message_id.clone();
    // Ids are reused after a TRUNCATE: an entry that contradicts the store
    // belongs to an earlier message of this number.
    let cached = cached
        .get(&message.id)
        .filter(|entry| stored.as_ref().is_none_or(|id| *id == entry.provider_message_id));
    SentEntry {
        provider_message_id: stored
            .or_else(|| cached.map(|entry| entry.provider_message_id.clone())),
        cached_at: cached.map(|entry| entry.cached_at),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher_domain::{
        Status,
        ports::{CacheError, MockDeliveryCache, MockMessageArchive},
    };

    fn sent(provider_message_id: Option<&str>) -> SentMessage {
        SentMessage {
            id: MessageId(1),
            phone_number: "+905551234567".into(),
            content: "Hello".into(),
            status: Status::Sent,
            created_at: Timestamp::UNIX_EPOCH,
            provider_message_id: provider_message_id.map(str::to_owned),
        }
    }

    async fn list(stored: Option<&str>, cached: Result<&str, CacheError>) -> SentEntry {
        let mut archive = MockMessageArchive::new();
        let row = sent(stored);
        archive.expect_sent_after().return_once(move |_, _| Ok(vec![row]));
        let mut cache = MockDeliveryCache::new();
        let answer = cached.map(|id| {
            let entry = CachedDelivery {
                provider_message_id: id.to_owned(),
                cached_at: Timestamp::UNIX_EPOCH,
            };
            HashMap::from([(MessageId(1), entry)])
        });
        cache.expect_lookup().return_once(move |_| answer);
        let list = SentMessages::new(Arc::new(archive), Arc::new(cache));
        list.page(None, 10).await.unwrap().entries.remove(0)
    }

    #[tokio::test]
    async fn the_cache_fills_in_what_the_store_does_not_have() {
        let entry = list(None, Ok("from-cache")).await;
        assert_eq!(entry.provider_message_id.as_deref(), Some("from-cache"));
        assert!(entry.cached_at.is_some());
    }

    #[tokio::test]
    async fn an_entry_of_another_message_with_this_id_is_not_shown() {
        let entry = list(Some("mine"), Ok("of-a-truncated-one")).await;
        assert_eq!(entry.provider_message_id.as_deref(), Some("mine"));
        assert_eq!(entry.cached_at, None);
    }

    #[tokio::test]
    async fn without_a_cache_the_list_goes_on() {
        let entry = list(Some("mine"), Err(CacheError("down".into()))).await;
        assert_eq!(entry.provider_message_id.as_deref(), Some("mine"));
    }
}
