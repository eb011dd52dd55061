//! A delivery cache that nobody named, and what does its work until it is found.

use async_trait::async_trait;
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt,
    ports::{CacheError, CacheReach, DeliveryCache},
};
use std::{
    collections::HashMap,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Uses a cache where one usually is, although no setting names it. As long as
/// it has never answered, nobody misses it: another one does its work, and all
/// is well. Once it has answered it is relied upon, and its end is an outage.
pub struct StandInCache {
    usual: Arc<dyn DeliveryCache>,
    stand_in: Arc<dyn DeliveryCache>,
    found: AtomicBool,
    told: AtomicBool,
}

impl StandInCache {
    /// `stand_in` works until a look finds `usual`.
    #[must_use]
    pub fn new(usual: Arc<dyn DeliveryCache>, stand_in: Arc<dyn DeliveryCache>) -> Self {
        Self { usual, stand_in, found: AtomicBool::new(false), told: AtomicBool::new(false) }
    }

    fn chosen(&self) -> &dyn DeliveryCache {
        if self.found.load(Ordering::Relaxed) { &*self.usual } else { &*self.stand_in }
    }

    /// Once: nobody has to do anything about it.
    fn tell(&self, error: &CacheError) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let error = error as &dyn Error;
            tracing::info!(
                error,
                "no Redis is set and none answers where one usually is: receipts are kept in this \
                 process; REDIS_URL names one"
            );
        }
    }
}

#[async_trait]
impl DeliveryCache for StandInCache {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        self.chosen().record(receipt).await
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        self.chosen().lookup(ids).await
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        self.chosen().receipts(keys).await
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        self.chosen().restore(deliveries).await
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        match self.usual.ping().await {
            Ok(reach) => {
                self.found.store(true, Ordering::Relaxed);
                Ok(reach)
            }
            Err(error) if !self.found.load(Ordering::Relaxed) => {
                self.tell(&error);
                self.stand_in.ping().await
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
