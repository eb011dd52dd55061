//! The memory cache passes the suite of every delivery cache.

use dispatcher_contract::delivery_cache;
use dispatcher_domain::ports::CacheError;
use dispatcher_memory::MemoryDeliveryCache;

#[tokio::test]
async fn the_memory_cache_keeps_the_contract() -> Result<(), CacheError> {
    delivery_cache::all(&MemoryDeliveryCache::default()).await
}
