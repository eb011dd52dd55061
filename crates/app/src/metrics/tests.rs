//! What is asked of the stores, and how often.

use super::*;
use crate::testing::{ManualClock, cache_down, seconds, unavailable, within};
use async_trait::async_trait;
use dispatcher_domain::ports::{
    CacheReach, MockConnectionPool, MockDeliveryCache, MockQueueStats, PoolUsage, QueueDepth,
    StoreError,
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use jiff::Timestamp;
use std::{future::pending, sync::Mutex as StdMutex};

/// Keeps what it was shown.
#[derive(Default)]
struct Shown(StdMutex<Vec<Observed>>);

impl MetricsText for Shown {
    fn content_type(&self) -> &'static str {
        "text/plain"
    }

    fn render(&self, observed: &Observed) -> Result<String, MetricsError> {
        self.0.lock().unwrap().push(observed.clone());
        Ok("text".into())
    }
}

struct World {
    shown: Arc<Shown>,
    clock: Arc<ManualClock>,
    ports: MetricsPorts,
}

impl World {
    /// Everything is up.
    fn new() -> Self {
        let (shown, clock) = (Arc::new(Shown::default()), ManualClock::new());
        let store = Arc::new(MemoryStore::new(|| Timestamp::UNIX_EPOCH));
        let ports = MetricsPorts {
            control: store.clone(),
            stats: store,
            cache: Arc::new(redis()),
            pools: vec![],
            text: shown.clone(),
            clock: clock.clone(),
        };
        Self { shown, clock, ports }
    }

    fn collect(self) -> (CollectMetrics, Arc<Shown>, Arc<ManualClock>) {
        let Self { shown, clock, ports } = self;
        (CollectMetrics::new(ports, DispatchPolicy::default()), shown, clock)
    }
}

impl Shown {
    fn last(&self) -> Observed {
        self.0.lock().unwrap().last().cloned().expect("it was shown something")
    }
}

fn redis() -> MockDeliveryCache {
    let mut cache = MockDeliveryCache::new();
    cache.expect_ping().returning(|| Ok(CacheReach::Shared));
    cache
}

struct Hanging;

#[async_trait]
impl QueueStats for Hanging {
    async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_stores_say_is_written_down() {
    let (collect, shown, _) = World::new().collect();
    assert_eq!(collect.run().await.unwrap(), "text");
    let observed = shown.last();
    assert_eq!(observed.dependencies, [("database", true), ("redis", true)]);
    assert_eq!((observed.control.is_some(), observed.drift), (true, false));
    let depth = QueueDepth { sent_estimate: Some(0), ..QueueDepth::default() };
    assert_eq!(observed.queue, Some(depth));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_costs_a_second_and_its_own_numbers_only() {
    let mut world = World::new();
    world.ports.stats = Arc::new(Hanging);
    let (collect, shown, clock) = world.collect();
    within("the text", collect.run()).await.unwrap();
    assert_eq!(clock.monotonic(), seconds(1));
    let observed = shown.last();
    assert_eq!((observed.queue, observed.control.is_some()), (None, true));
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_down_is_told() {
    let mut world = World::new();
    let mut cache = MockDeliveryCache::new();
    cache.expect_ping().returning(|| Err(cache_down()));
    world.ports.cache = Arc::new(cache);
    let (collect, shown, _) = world.collect();
    collect.run().await.unwrap();
    assert_eq!(shown.last().dependencies, [("database", true), ("redis", false)]);
}

#[tokio::test(start_paused = true)]
async fn a_cache_in_this_process_is_no_dependency() {
    let mut world = World::new();
    world.ports.cache = Arc::new(MemoryDeliveryCache::default());
    let (collect, shown, _) = world.collect();
    collect.run().await.unwrap();
    assert_eq!(shown.last().dependencies, [("database", true)]);
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_cost_one_question_every_few_seconds() {
    let mut world = World::new();
    let mut stats = MockQueueStats::new();
    stats.expect_queue_depth().times(2).returning(|| Ok(QueueDepth::default()));
    world.ports.stats = Arc::new(stats);
    let (collect, _, clock) = world.collect();
    for _ in 0..5 {
        let (one, other) = tokio::join!(collect.run(), collect.run());
        assert!(one.is_ok() && other.is_ok());
    }
    clock.sleep(FRESH_FOR).await;
    collect.run().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_left_alone_for_as_long() {
    let mut world = World::new();
    let mut stats = MockQueueStats::new();
    stats.expect_queue_depth().times(1).returning(|| Err(unavailable()));
    world.ports.stats = Arc::new(stats);
    let (collect, _, _) = world.collect();
    for _ in 0..5 {
        collect.run().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn pools_are_looked_at_each_time() {
    let mut world = World::new();
    let mut pool = MockConnectionPool::new();
    let usage = PoolUsage::of(8, 3, 1, 2);
    pool.expect_usage().times(2).return_const(usage);
    world.ports.pools = vec![("database", Arc::new(pool))];
    let (collect, shown, _) = world.collect();
    for _ in 0..2 {
        collect.run().await.unwrap();
        assert_eq!(shown.last().pools, [("database", usage)]);
    }
    assert_eq!((usage.in_use, usage.idle, usage.max, usage.waiting), (2, 1, 8, 2));
}
