//! A cache that is found late, and lost afterwards.

use super::*;
use crate::testing::cache_down;
use dispatcher_domain::{LeaseToken, ports::MockDeliveryCache};
use dispatcher_memory::MemoryDeliveryCache;
use jiff::Timestamp;
use uuid::Uuid;

/// Answers its pings in turn, and each look-up with an error of its own.
fn usual(pings: impl IntoIterator<Item = bool>) -> Arc<dyn DeliveryCache> {
    let mut cache = MockDeliveryCache::new();
    for up in pings {
        let answer = if up { Ok(CacheReach::Shared) } else { Err(cache_down()) };
        cache.expect_ping().times(1).return_once(|| answer);
    }
    cache.expect_receipts().returning(|_| Err(cache_down()));
    Arc::new(cache)
}

fn standing_in(pings: impl IntoIterator<Item = bool>) -> StandInCache {
    StandInCache::new(usual(pings), Arc::new(MemoryDeliveryCache::default()))
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new(Uuid::nil(), 0)
}

#[tokio::test]
async fn as_long_as_it_was_never_found_another_does_its_work() {
    let cache = standing_in([false, false]);
    for _ in 0..2 {
        assert_eq!(cache.ping().await.unwrap(), CacheReach::Process);
    }
    let receipt = Receipt {
        id: MessageId(1),
        key: key(),
        attempt: 1,
        token: LeaseToken(Uuid::nil()),
        provider_message_id: None,
        accepted_at: Timestamp::UNIX_EPOCH,
    };
    cache.record(&receipt).await.unwrap();
    assert!(cache.receipts(&[key()]).await.unwrap().contains_key(&key()));
    assert!(cache.lookup(&[MessageId(2)]).await.unwrap().is_empty());
    assert!(cache.restore(&[]).await.is_ok());
}

#[tokio::test]
async fn once_it_was_found_its_end_is_an_outage() {
    let cache = standing_in([false, true, false]);
    cache.ping().await.unwrap();
    assert_eq!(cache.ping().await.unwrap(), CacheReach::Shared);
    assert!(cache.receipts(&[key()]).await.is_err(), "it is the one that is asked");
    assert!(cache.ping().await.is_err());
}
