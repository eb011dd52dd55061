//! The list of sent messages, enriched by the delivery cache, which it refills.

use dispatcher_domain::{
    CachedDelivery, MessageId, MissingDelivery,
    ports::{
        CacheError, Clock, DeliveryCache, MessageArchive, SentCursor, SentMessage, StoreError,
    },
};
use jiff::Timestamp;
use std::{collections::HashMap, sync::Arc};

/// Lists sent messages.
pub struct SentMessages {
    archive: Arc<dyn MessageArchive>,
    cache: Arc<dyn DeliveryCache>,
    clock: Arc<dyn Clock>,
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
    /// Over `archive`, with what `cache` still knows. Entries that it lost are
    /// put back.
    #[must_use]
    pub fn new(
        archive: Arc<dyn MessageArchive>,
        cache: Arc<dyn DeliveryCache>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { archive, cache, clock }
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
        self.enrich(messages).await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the list goes without the delivery cache");
            HashMap::new()
        })
    }

    /// What the cache has of `messages`. What it lately lost is put back, so
    /// that others who read it find it again: a page of the list at a time.
    async fn enrich(
        &self,
        messages: &[SentMessage],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        let cached = self.cache.lookup(&ids).await?;
        let now = self.clock.wall();
        let lost: Vec<MissingDelivery> = messages
            .iter()
            .filter(|message| !cached.contains_key(&message.id))
            .filter_map(|message| missing(message, now))
            .collect();
        if !lost.is_empty()
            && let Err(error) = self.cache.restore(&lost).await
        {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the delivery cache was not refilled");
        }
        Ok(cached)
    }
}

fn missing(message: &SentMessage, now: Timestamp) -> Option<MissingDelivery> {
    let provider_message_id = message.provider_message_id.as_deref()?;
    CachedDelivery::missing(message.id, provider_message_id, message.sent_at?, now)
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
mod tests;
