//! A delivery cache in the memory of the process.

use async_trait::async_trait;
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt,
    ports::{CacheError, CacheReach, DeliveryCache},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Most entries that are kept; the oldest go first.
const CAPACITY: usize = 10_000;

/// [`DeliveryCache`] for `dev` mode: forgets with its process.
#[derive(Default)]
pub struct MemoryDeliveryCache {
    entries: Mutex<HashMap<MessageId, CachedDelivery>>,
    receipts: Mutex<HashMap<IdempotencyKey, Receipt>>,
}

impl MemoryDeliveryCache {
    fn record_receipt(&self, receipt: &Receipt) {
        let mut receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        if receipts.len() >= CAPACITY
            && let Some(oldest) =
                receipts.iter().min_by_key(|(_, it)| it.accepted_at).map(|(key, _)| key.clone())
        {
            receipts.remove(&oldest);
        }
        receipts.insert(receipt.key.clone(), receipt.clone());
    }
}

#[async_trait]
impl DeliveryCache for MemoryDeliveryCache {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        self.record_receipt(receipt);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = &receipt.provider_message_id else {
            // Ids are reused: what is there belongs to an earlier message.
            entries.remove(&receipt.id);
            return Ok(());
        };
        let entry = CachedDelivery {
            provider_message_id: id.as_str().to_owned(),
            cached_at: receipt.accepted_at,
        };
        if entries.len() >= CAPACITY
            && let Some(oldest) = entries.iter().min_by_key(|(_, e)| e.cached_at).map(|(id, _)| *id)
        {
            entries.remove(&oldest);
        }
        entries.insert(receipt.id, entry);
        Ok(())
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.iter().filter_map(|id| Some((*id, entries.get(id)?.clone()))).collect())
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        let receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |key| receipts.get(key).map(cached);
        Ok(keys.iter().filter_map(|key| Some((key.clone(), found(key)?))).collect())
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for MissingDelivery { id, delivery, .. } in deliveries {
            // Those that were recorded go first.
            if entries.len() < CAPACITY {
                entries.entry(*id).or_insert_with(|| delivery.clone());
            }
        }
        Ok(())
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        Ok(CacheReach::Process)
    }
}

fn cached(receipt: &Receipt) -> CachedReceipt {
    CachedReceipt {
        attempt: receipt.attempt,
        token: receipt.token,
        provider_message_id: receipt.provider_message_id.clone(),
    }
}
