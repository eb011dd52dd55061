//! A list whose cache knows more, less, or something else.

use super::*;
use crate::testing::{ManualClock, cache_down, seconds};
use dispatcher_domain::{
    Status,
    ports::{MockDeliveryCache, MockMessageArchive},
};
use std::sync::Mutex;

const HOUR: u64 = 3600;

/// A message that was sent as the provider's `id`, some hours ago.
fn sent(id: Option<&str>, hours: u64) -> SentMessage {
    SentMessage {
        id: MessageId(1),
        phone_number: "+905551234567".into(),
        content: "Hello".into(),
        status: Status::Sent,
        created_at: Timestamp::UNIX_EPOCH,
        sent_at: Some(ManualClock::new().wall() - seconds(hours * HOUR)),
        provider_message_id: id.map(str::to_owned),
    }
}

/// The list of one `message`, while the cache gives this answer and keeps what
/// is put back in `restored`.
async fn list(
    message: SentMessage,
    cached: Result<Option<&str>, CacheError>,
    restored: &Arc<Mutex<Vec<MissingDelivery>>>,
) -> SentEntry {
    let mut archive = MockMessageArchive::new();
    archive.expect_sent_after().return_once(move |_, _| Ok(vec![message]));
    let mut cache = MockDeliveryCache::new();
    let answer = cached.map(|id| {
        let entry = |id: &str| CachedDelivery {
            provider_message_id: id.to_owned(),
            cached_at: Timestamp::UNIX_EPOCH,
        };
        id.map(|id| (MessageId(1), entry(id))).into_iter().collect()
    });
    cache.expect_lookup().return_once(move |_| answer);
    let kept = Arc::clone(restored);
    cache.expect_restore().returning(move |deliveries| {
        kept.lock().unwrap().extend_from_slice(deliveries);
        Err(cache_down()) // Which nobody notices.
    });
    let list = SentMessages::new(Arc::new(archive), Arc::new(cache), ManualClock::new());
    list.page(None, 10).await.unwrap().entries.remove(0)
}

/// As [`list`]; nothing may be put back.
async fn list_only(stored: Option<&str>, cached: Result<Option<&str>, CacheError>) -> SentEntry {
    let restored = Arc::default();
    let entry = list(sent(stored, 1), cached, &restored).await;
    assert_eq!(*restored.lock().unwrap(), []);
    entry
}

#[tokio::test(start_paused = true)]
async fn the_cache_fills_in_what_the_store_does_not_have() {
    let entry = list_only(None, Ok(Some("from-cache"))).await;
    assert_eq!(entry.provider_message_id.as_deref(), Some("from-cache"));
    assert!(entry.cached_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_entry_of_another_message_with_this_id_is_neither_shown_nor_replaced() {
    let entry = list_only(Some("mine"), Ok(Some("of-a-truncated-one"))).await;
    assert_eq!(entry.provider_message_id.as_deref(), Some("mine"));
    assert_eq!(entry.cached_at, None);
}

#[tokio::test(start_paused = true)]
async fn without_a_cache_the_list_goes_on() {
    let entry = list_only(Some("mine"), Err(cache_down())).await;
    assert_eq!(entry.provider_message_id.as_deref(), Some("mine"));
}

#[tokio::test(start_paused = true)]
async fn what_the_cache_lost_is_put_back_for_the_rest_of_its_time() {
    let restored = Arc::default();
    let message = sent(Some("mine"), 1);
    let entry = list(message.clone(), Ok(None), &restored).await;
    assert_eq!((entry.provider_message_id.as_deref(), entry.cached_at), (Some("mine"), None));
    let delivery = CachedDelivery {
        provider_message_id: "mine".to_owned(),
        cached_at: message.sent_at.unwrap(),
    };
    let left = seconds(23 * HOUR);
    assert_eq!(*restored.lock().unwrap(), [MissingDelivery { id: message.id, delivery, left }]);
}

#[tokio::test(start_paused = true)]
async fn what_would_be_over_or_says_nothing_is_not_put_back() {
    let nobody_knows_when = SentMessage { sent_at: None, ..sent(Some("mine"), 0) };
    for message in [sent(Some("mine"), 24), sent(None, 1), nobody_knows_when] {
        let restored = Arc::default();
        list(message, Ok(None), &restored).await;
        assert_eq!(*restored.lock().unwrap(), []);
    }
}

#[tokio::test]
async fn the_total_is_what_the_store_counts() {
    let mut archive = MockMessageArchive::new();
    archive.expect_count_sent().return_once(|| Ok(7));
    let cache = Arc::new(MockDeliveryCache::new());
    let list = SentMessages::new(Arc::new(archive), cache, ManualClock::new());
    assert_eq!(list.total().await.unwrap(), 7);
}
