//! Look-ups that hit or missed, and receipts that were written or not.

use async_trait::async_trait;
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt,
    ports::{CacheError, CacheReach, DeliveryCache, LookupWord, Meter, MeterEvent},
};
use std::{collections::HashMap, sync::Arc};

/// Counts look-ups and receipts.
pub struct MeteredCache {
    inner: Arc<dyn DeliveryCache>,
    meter: Arc<dyn Meter>,
}

impl MeteredCache {
    /// Counts what goes through `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn DeliveryCache>, meter: Arc<dyn Meter>) -> Self {
        Self { inner, meter }
    }

    fn looked_up(&self, result: LookupWord, messages: usize) {
        if messages > 0 {
            let messages = messages as u64;
            self.meter.note(MeterEvent::CacheLookedUp { result, messages });
        }
    }
}

#[async_trait]
impl DeliveryCache for MeteredCache {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        let answer = self.inner.record(receipt).await;
        self.meter.note(MeterEvent::ReceiptWritten { ok: answer.is_ok() });
        answer
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        let answer = self.inner.lookup(ids).await;
        match &answer {
            Ok(found) => {
                self.looked_up(LookupWord::Hit, found.len());
                self.looked_up(LookupWord::Miss, ids.len().saturating_sub(found.len()));
            }
            Err(_) => self.looked_up(LookupWord::Failed, ids.len()),
        }
        answer
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        self.inner.receipts(keys).await
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        self.inner.restore(deliveries).await
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        self.inner.ping().await
    }
}
