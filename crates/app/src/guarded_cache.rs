//! The delivery cache, asked only while it is well.

use crate::Drain;
use async_trait::async_trait;
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt,
    ports::{CacheError, CacheReach, Clock, DeliveryCache},
};
use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Between two looks. A cache that is back is used again after as long.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A [`DeliveryCache`] in front of another one. The first call that fails says
/// so in the log; from then on calls fail at once, so that a cache that hangs
/// costs nobody its deadline again and again. [`GuardedCache::watch`] finds
/// out when it is well again.
pub struct GuardedCache {
    cache: Arc<dyn DeliveryCache>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// What is known of the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    condition: Condition,
    /// How often it changed: what was asked before the last change is no news
    /// of what holds since.
    changes: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Condition {
    /// Nobody has asked yet.
    #[default]
    New,
    Up,
    Down,
}

/// The cache is not asked while it is down.
#[derive(Debug, thiserror::Error)]
#[error("it was down when it was last looked at")]
struct StillDown;

impl GuardedCache {
    /// In front of `cache`. Somebody has to run [`GuardedCache::watch`].
    #[must_use]
    pub fn new(cache: Arc<dyn DeliveryCache>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { cache, clock, state: Mutex::default() })
    }

    /// Looks at the cache now and then, until the drain is requested.
    pub async fn watch(self: Arc<Self>, drain: Drain) {
        while !drain.is_requested() {
            self.look().await;
            tokio::select! {
                biased;
                () = self.clock.sleep(LOOK_EVERY) => {}
                () = drain.requested() => {}
            }
        }
    }

    async fn look(&self) {
        let before = self.state();
        let answer = self.cache.ping().await;
        // The error is in the log.
        let _ = self.note(before, answer, true);
    }

    /// Asks the cache, unless it is down.
    async fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, CacheError>>,
    ) -> Result<T, CacheError> {
        let before = self.state();
        if before.condition == Condition::Down {
            return Err(CacheError(Box::new(StillDown)));
        }
        self.note(before, call.await, false)
    }

    /// Learns from an answer to what was asked when the state was `before`.
    fn note<T>(
        &self,
        before: State,
        answer: Result<T, CacheError>,
        looked: bool,
    ) -> Result<T, CacheError> {
        let condition = match (&answer, before.condition) {
            (Err(_), _) => Condition::Down,
            // Only a look tells whether all is well.
            (Ok(_), was) if !looked => was,
            (Ok(_), _) => Condition::Up,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == before && condition != before.condition {
            *state = State { condition, changes: before.changes + 1 };
            tell(before.condition, answer.as_ref().err());
        }
        answer
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line for each change.
fn tell(was: Condition, error: Option<&CacheError>) {
    match (error, was) {
        (Some(error), _) => {
            let error = error as &dyn Error;
            tracing::warn!(error, "the delivery cache is down: sending goes on without it");
        }
        (None, Condition::Down) => tracing::info!("the delivery cache is back"),
        (None, _) => tracing::debug!("the delivery cache answers"),
    }
}

#[async_trait]
impl DeliveryCache for GuardedCache {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        self.ask(self.cache.record(receipt)).await
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        self.ask(self.cache.lookup(ids)).await
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        self.ask(self.cache.receipts(keys)).await
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        self.ask(self.cache.restore(deliveries)).await
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        self.ask(self.cache.ping()).await
    }
}

#[cfg(test)]
mod tests;
