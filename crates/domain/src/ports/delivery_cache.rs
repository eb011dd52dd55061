//! The cache of acceptances: a hint and a fast path, never the truth.

use crate::{CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt};
use async_trait::async_trait;
use std::collections::HashMap;

/// Remembers what the provider accepted, outside the message store.
///
/// Every call MUST end by a deadline of the cache's own, with an error if need
/// be. No send waits for it all the same.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeliveryCache: Send + Sync {
    /// Remembers an acceptance: for display under the row id for 24 hours, and
    /// as proof under the idempotency key for 7 days.
    ///
    /// - MUST overwrite an older entry of the same id.
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError>;

    /// The entries of `ids`, as far as there are any.
    ///
    /// - MUST leave out an entry that it cannot read, rather than fail.
    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError>;

    /// The receipts under `keys`, as far as there are any. One that is absent
    /// proves nothing: the cache forgets.
    ///
    /// - MUST give back attempt and token as they were recorded.
    /// - MUST leave out a receipt that it cannot read, rather than fail.
    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError>;

    /// Puts entries for display back that went missing, for the rest of their
    /// 24 hours. The message store knows what they said.
    ///
    /// - MUST leave an entry alone that is there: it may be newer.
    /// - MUST NOT write proof: what is put back tells no more than the store.
    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError>;

    /// Whether the cache answers, and would take an acceptance; and who sees
    /// what it takes.
    ///
    /// - MUST change nothing.
    async fn ping(&self) -> Result<CacheReach, CacheError>;
}

/// Who sees what a cache remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheReach {
    /// Every replica, and whoever comes after this process.
    Shared,
    /// This process, until it ends.
    Process,
}

/// The cache failed; sending goes on without it.
#[derive(Debug, thiserror::Error)]
#[error("the delivery cache is unavailable")]
pub struct CacheError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
