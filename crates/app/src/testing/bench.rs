//! A dispatcher over a memory store, with everything in the test's hands.

use super::{CountingMeter, FixedEntropy, Journal, ManualClock, seconds, within};
use crate::{BatchReport, Dispatcher, DispatcherConfig, DispatcherPorts, Drain, DrainSwitch};
use dispatcher_domain::{
    BreakerPolicy, DispatchPolicy, InstanceName, MessageId, MessageLimits, Ordering, RetryPolicy,
    Status,
    ports::{Clock, DeliveryCache, DispatchControl, Meter, MockMessageRepo, SmsGateway},
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore, MessageRow};
use std::{num::NonZeroU32, sync::Arc};
use tokio::task::JoinHandle;

/// Everything around a dispatcher: two messages every two minutes in strict
/// order, leases of 60 s, and 15 s of them for a send and its margin.
pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: MemoryStore,
    pub(crate) journal: Journal,
    /// What a test expects here happens before the memory store is asked.
    pub(crate) repo: MockMessageRepo,
    pub(crate) cache: Arc<dyn DeliveryCache>,
    pub(crate) meter: Arc<CountingMeter>,
    pub(crate) config: DispatcherConfig,
    pub(crate) switch: DrainSwitch,
    pub(crate) drain: Drain,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new();
        let store_clock = Arc::clone(&clock);
        let (switch, drain) = Drain::new();
        Self {
            clock,
            store: MemoryStore::new(move || store_clock.wall()),
            journal: Journal::default(),
            repo: MockMessageRepo::new(),
            cache: Arc::new(MemoryDeliveryCache::default()),
            meter: Arc::new(CountingMeter::default()),
            config: config(),
            switch,
            drain,
        }
    }

    /// No quota, and at most `max_in_flight` at once in any order.
    pub(crate) async fn unordered(max_in_flight: u32) -> Self {
        let mut bench = Self::new();
        bench.config.ordering = Ordering::None;
        bench.config.max_in_flight = max_in_flight;
        bench.without_quota().await;
        bench
    }

    /// Sends of this replica's order, without a quota.
    pub(crate) async fn without_quota(&self) {
        let policy = DispatchPolicy {
            batch_size: NonZeroU32::MIN,
            period: seconds(0),
            ordering: self.config.ordering,
        };
        self.store.install_policy(policy).await.unwrap();
    }

    /// Writes `count` messages to as many recipients.
    pub(crate) fn enqueue(&self, count: usize) -> Vec<MessageId> {
        let number = |n| format!("+90555{n:07}");
        (0..count).map(|n| self.store.insert_unchecked(&number(n), "Hello")).collect()
    }

    /// A dispatcher over all this; what was expected of the repo goes with it.
    pub(crate) fn dispatcher(&mut self, gateway: Arc<dyn SmsGateway>) -> Arc<Dispatcher> {
        let mut repo = std::mem::take(&mut self.repo);
        self.journal.watch(&mut repo, &self.store);
        let ports = DispatcherPorts {
            messages: Arc::new(repo),
            control: Arc::new(self.store.clone()),
            gateway,
            cache: Arc::clone(&self.cache),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::new(FixedEntropy::default()),
            meter: Arc::clone(&self.meter) as Arc<dyn Meter>,
        };
        Dispatcher::new(ports, self.config.clone())
    }

    /// One batch, in which no mock was asked what it does not expect.
    pub(crate) async fn batch(&mut self, gateway: Arc<dyn SmsGateway>) -> BatchReport {
        let dispatcher = self.dispatcher(gateway);
        let report = within("the end of the batch", dispatcher.run_once(&self.drain)).await;
        assert_eq!(report.panicked, 0, "a mock was not prepared for a call");
        report
    }

    /// Begins a batch, and leaves it to itself.
    pub(crate) fn begin_batch(&mut self, gateway: Arc<dyn SmsGateway>) -> JoinHandle<BatchReport> {
        let (dispatcher, drain) = (self.dispatcher(gateway), self.drain.clone());
        tokio::spawn(async move { dispatcher.run_once(&drain).await })
    }

    pub(crate) fn row(&self, id: MessageId) -> MessageRow {
        self.store.edit(id, |row| row.clone()).unwrap()
    }

    pub(crate) fn statuses(&self, ids: &[MessageId]) -> Vec<Status> {
        ids.iter().map(|id| self.row(*id).status).collect()
    }
}

fn config() -> DispatcherConfig {
    DispatcherConfig {
        instance: InstanceName::new("test"),
        lease: seconds(60),
        lease_margin: seconds(5),
        rescue_grace: seconds(30),
        max_in_flight: 8,
        start_interval: None,
        ordering: Ordering::Strict,
        limits: MessageLimits::default(),
        retry: RetryPolicy::default(),
        breaker: BreakerPolicy::default(),
    }
}
