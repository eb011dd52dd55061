//! The delivery cache is a hint: it gets one on acceptance, and can do no harm.

use crate::{
    Dispatcher,
    testing::{
        Bench, FixedEntropy, ScriptedGateway, accepted, cache_down, malformed, millis,
        misconfigured, not_sent, rate_limited, refused, seconds, unknown, within,
    },
};
use async_trait::async_trait;
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt,
    SendOutcome, Status,
    ports::{CacheError, CacheReach, Clock, DeliveryCache, MockDeliveryCache},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;

/// A cache that keeps what it is told.
fn keeping(bench: &mut Bench) -> Arc<Mutex<Vec<Receipt>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let mut cache = MockDeliveryCache::new();
    let receipts = Arc::clone(&kept);
    cache.expect_record().returning(move |receipt| {
        receipts.lock().unwrap().push(receipt.clone());
        Ok(())
    });
    bench.cache = Arc::new(cache);
    kept
}

/// What it kept, once nothing is under way any more.
async fn told(bench: &Bench, kept: &Mutex<Vec<Receipt>>) -> Vec<Receipt> {
    // Time goes on only when everybody waits.
    bench.clock.sleep(millis(1)).await;
    kept.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_receipt_names_key_attempt_and_token_of_its_send() {
    let mut bench = Bench::new();
    let kept = keeping(&mut bench);
    let ids = bench.enqueue(1);
    bench.store.edit(ids[0], |row| (row.attempt, row.key_epoch) = (4, 2));
    bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    let SendOutcome::Accepted { provider_message_id, .. } = accepted() else { unreachable!() };
    let expected = Receipt {
        id: ids[0],
        key: IdempotencyKey::new(bench.row(ids[0]).uuid, 2),
        attempt: 5,
        token: FixedEntropy::token(1),
        provider_message_id,
        accepted_at: bench.clock.wall(),
    };
    assert_eq!(told(&bench, &kept).await, [expected]);
}

#[tokio::test(start_paused = true)]
async fn only_acceptances_leave_a_receipt() {
    let mut bench = Bench::unordered(1).await;
    let kept = keeping(&mut bench);
    let ids = bench.enqueue(6);
    let script = [not_sent(), refused(), unknown(), malformed(), misconfigured()];
    let gateway = ScriptedGateway::answering(&bench.journal, script);
    assert_eq!(bench.batch(gateway).await.started, 5);
    let kept = told(&bench, &kept).await;
    let told: Vec<_> = kept.iter().map(|receipt| (receipt.id, receipt.attempt)).collect();
    // The first one kept its place and was refused the second time.
    assert_eq!(told, [(ids[2], 1)]);
    assert_eq!(kept[0].provider_message_id, None);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_leaves_no_receipt() {
    let mut bench = Bench::new();
    let kept = keeping(&mut bench);
    bench.enqueue(1);
    let gateway = ScriptedGateway::answering(&bench.journal, [rate_limited(None)]);
    assert_eq!(bench.batch(gateway).await.deferred, 1);
    assert_eq!(told(&bench, &kept).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_fails_harms_nothing() {
    let mut bench = Bench::new();
    let mut cache = MockDeliveryCache::new();
    cache.expect_record().times(2).returning(|_| Err(cache_down()));
    bench.cache = Arc::new(cache);
    let ids = bench.enqueue(2);
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert_eq!(report.sent, 2);
    assert_eq!(bench.statuses(&ids), [Status::Sent; 2]);
}

/// Answers no write before it may.
struct SlowCache(Semaphore);

#[async_trait]
impl DeliveryCache for SlowCache {
    async fn record(&self, _: &Receipt) -> Result<(), CacheError> {
        self.0.acquire().await.expect("never closed").forget();
        Ok(())
    }

    async fn lookup(
        &self,
        _: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        unreachable!("sending looks nothing up")
    }

    async fn receipts(
        &self,
        _: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        unreachable!("sending looks nothing up")
    }

    async fn restore(&self, _: &[MissingDelivery]) -> Result<(), CacheError> {
        unreachable!("sending puts nothing back")
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        unreachable!("sending asks for no health")
    }
}

/// Takes receipts, and never answers.
struct Heap(Arc<AtomicUsize>);

#[async_trait]
impl DeliveryCache for Heap {
    async fn record(&self, _: &Receipt) -> Result<(), CacheError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }

    async fn lookup(
        &self,
        _: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        unreachable!("sending looks nothing up")
    }

    async fn receipts(
        &self,
        _: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        unreachable!("sending looks nothing up")
    }

    async fn restore(&self, _: &[MissingDelivery]) -> Result<(), CacheError> {
        unreachable!("sending puts nothing back")
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        unreachable!("sending asks for no health")
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_is_slow_delays_neither_a_record_nor_the_next_send() {
    let mut bench = Bench::new();
    let cache = Arc::new(SlowCache(Semaphore::new(0)));
    bench.cache = Arc::clone(&cache) as _;
    let ids = bench.enqueue(2);
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    let report = within("the end of the batch", dispatcher.run_once(&bench.drain)).await;
    assert_eq!((report.sent, report.took), (2, seconds(0)), "although it never answered");
    assert_eq!(bench.statuses(&ids), [Status::Sent; 2]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_process_waits_for_receipts_but_not_for_ever() {
    let mut bench = Bench::new();
    let cache = Arc::new(SlowCache(Semaphore::new(0)));
    bench.cache = Arc::clone(&cache) as _;
    bench.enqueue(2);
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    within("the end of the batch", dispatcher.run_once(&bench.drain)).await;
    let settled = |dispatcher: Arc<Dispatcher>| async move { dispatcher.settle(seconds(5)).await };
    let settling = tokio::spawn(settled(Arc::clone(&dispatcher)));
    bench.clock.sleep(seconds(1)).await;
    assert!(!settling.is_finished());
    cache.0.add_permits(2);
    within("both are written", settling).await.unwrap();
    assert_eq!(bench.clock.monotonic(), seconds(1));
    // And where the cache stays silent:
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    bench.without_quota().await;
    bench.enqueue(1);
    within("the end of the batch", dispatcher.run_once(&bench.drain)).await;
    within("the limit", dispatcher.settle(seconds(5))).await;
    assert_eq!(bench.clock.monotonic(), seconds(6));
}

#[tokio::test(start_paused = true)]
async fn a_cache_that_never_answers_gathers_no_endless_heap() {
    let mut bench = Bench::new();
    let waiting = Arc::new(AtomicUsize::new(0));
    bench.cache = Arc::new(Heap(Arc::clone(&waiting)));
    bench.without_quota().await;
    bench.enqueue(300);
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    let report = within("the end of the batch", dispatcher.run_once(&bench.drain)).await;
    assert_eq!(report.sent, 300);
    bench.clock.sleep(seconds(1)).await;
    assert_eq!(waiting.load(Ordering::Relaxed), 256);
}
