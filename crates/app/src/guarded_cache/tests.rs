//! Caches that go down and come back.

use super::*;
use crate::testing::{ManualClock, cache_down, seconds, within};
use dispatcher_domain::ports::MockDeliveryCache;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::Semaphore;

const IDS: [MessageId; 1] = [MessageId(1)];

/// A cache that is up or down as told, and counts what it is asked.
#[derive(Default)]
struct Told {
    down: AtomicBool,
    looks: AtomicU32,
    asked: AtomicU32,
}

impl Told {
    fn guarded(self: &Arc<Self>) -> Arc<GuardedCache> {
        let answer = |told: &Self| match told.down.load(Ordering::Relaxed) {
            true => Err(cache_down()),
            false => Ok(CacheReach::Shared),
        };
        let mut cache = MockDeliveryCache::new();
        let told = Arc::clone(self);
        cache.expect_ping().returning(move || {
            told.looks.fetch_add(1, Ordering::Relaxed);
            answer(&told)
        });
        let told = Arc::clone(self);
        cache.expect_lookup().returning(move |_| {
            told.asked.fetch_add(1, Ordering::Relaxed);
            answer(&told).map(|_| HashMap::new())
        });
        GuardedCache::new(Arc::new(cache), ManualClock::new())
    }

    fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }

    fn looks(&self) -> u32 {
        self.looks.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_failed_is_not_asked_again_until_a_look_finds_it_well() {
    let told = Arc::new(Told::default());
    let cache = told.guarded();
    assert!(cache.lookup(&IDS).await.is_ok());
    told.set_down(true);
    assert!(cache.lookup(&IDS).await.is_err());
    told.set_down(false);
    for _ in 0..3 {
        assert!(cache.lookup(&IDS).await.is_err());
        assert!(cache.ping().await.is_err());
        assert!(cache.restore(&[]).await.is_err());
    }
    assert_eq!((told.asked(), told.looks()), (2, 0), "it was left alone");
    cache.look().await;
    assert!(cache.lookup(&IDS).await.is_ok());
    assert_eq!((told.asked(), told.looks()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_look_finds_out_that_it_is_down_before_anybody_is_kept_waiting() {
    let told = Arc::new(Told::default());
    told.set_down(true);
    let cache = told.guarded();
    cache.look().await;
    assert!(cache.lookup(&IDS).await.is_err());
    assert_eq!(told.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_is_watched_until_the_drain() {
    let told = Arc::new(Told::default());
    let cache = told.guarded();
    let (switch, drain) = Drain::new();
    let clock = Arc::clone(&cache.clock);
    let watch = tokio::spawn(Arc::clone(&cache).watch(drain));
    clock.sleep(LOOK_EVERY * 3 + seconds(1)).await;
    assert_eq!(told.looks(), 4);
    switch.request();
    within("the end of the watch", watch).await.unwrap();
    assert_eq!(told.looks(), 4);
}

/// Answers a look-up with an error, once it may.
struct Late(Semaphore);

#[async_trait]
impl DeliveryCache for Late {
    async fn record(&self, _: &Receipt) -> Result<(), CacheError> {
        Err(cache_down())
    }

    async fn lookup(
        &self,
        _: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        self.0.acquire().await.expect("never closed").forget();
        Err(cache_down())
    }

    async fn receipts(
        &self,
        _: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        Ok(HashMap::new())
    }

    async fn restore(&self, _: &[MissingDelivery]) -> Result<(), CacheError> {
        Ok(())
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        Ok(CacheReach::Shared)
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_from_before_it_was_back_is_no_news() {
    let late = Arc::new(Late(Semaphore::new(0)));
    let cache = GuardedCache::new(Arc::clone(&late) as _, ManualClock::new());
    let early = Arc::clone(&cache);
    let early = tokio::spawn(async move { early.lookup(&IDS).await });
    tokio::task::yield_now().await;
    // Meanwhile it goes down and comes back.
    assert!(cache.record(&receipt()).await.is_err());
    cache.look().await;
    late.0.add_permits(1);
    assert!(within("the late answer", early).await.unwrap().is_err());
    assert!(cache.restore(&[]).await.is_ok(), "it is still up");
}

fn receipt() -> Receipt {
    Receipt {
        id: MessageId(1),
        key: dispatcher_domain::IdempotencyKey::new(uuid::Uuid::nil(), 0),
        attempt: 1,
        token: dispatcher_domain::LeaseToken(uuid::Uuid::nil()),
        provider_message_id: None,
        accepted_at: jiff::Timestamp::UNIX_EPOCH,
    }
}
