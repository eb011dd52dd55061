//! A provider that is dead for an hour: what that costs, and what happens when
//! it is back. The real dispatch loops over a store in memory, in virtual time.

use async_trait::async_trait;
use dispatcher_app::{
    DispatchLoop, Dispatcher, DispatcherConfig, DispatcherPorts, Drain, DrainSwitch, Rescuer,
    SystemEntropy, Wake,
};
use dispatcher_domain::{
    BreakerPolicy, ClaimedMessage, DispatchPolicy, InstanceName, MessageId, MessageLimits,
    Ordering, ProviderMessageId, RetryPolicy, SendOutcome, Status, UnknownCause,
    ports::{Clock, DispatchControl, NoMeter, SmsGateway},
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use dispatcher_stage::virtual_time::VirtualClock;
use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::JoinHandle;

const HOUR: Duration = Duration::from_secs(3600);
const SEND_DEADLINE: Duration = Duration::from_secs(6);
const LEASE: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(30);

/// How a provider is dead.
#[derive(Clone, Copy)]
enum Dead {
    Refuses,
    Answers503,
    Silent,
}

/// One POST: whose, from when to when, and whether it was accepted.
#[derive(Clone, Copy)]
struct Post {
    id: MessageId,
    began: Duration,
    ended: Duration,
    accepted: bool,
}

/// Dead for the first hour, well ever after.
struct Provider {
    dead: Dead,
    clock: Arc<VirtualClock>,
    posts: Mutex<Vec<Post>>,
}

#[async_trait]
impl SmsGateway for Provider {
    async fn send(&self, message: &ClaimedMessage) -> SendOutcome {
        let began = self.clock.monotonic();
        let outcome = if began < HOUR { self.fail().await } else { accept(message) };
        let accepted = matches!(outcome, SendOutcome::Accepted { .. });
        let ended = self.clock.monotonic();
        self.posts.lock().unwrap().push(Post { id: message.id, began, ended, accepted });
        outcome
    }

    fn deadline(&self) -> Duration {
        SEND_DEADLINE
    }
}

impl Provider {
    async fn fail(&self) -> SendOutcome {
        let (cause, http_status) = match self.dead {
            Dead::Refuses => {
                let reason = "connect_failed".to_owned();
                return SendOutcome::NotSent { reason, http_status: None, retry_after: None };
            }
            Dead::Answers503 => (UnknownCause::Status, Some(503)),
            Dead::Silent => {
                self.clock.sleep(SEND_DEADLINE).await;
                (UnknownCause::Timeout, None)
            }
        };
        SendOutcome::Unknown { cause, http_status }
    }
}

fn accept(message: &ClaimedMessage) -> SendOutcome {
    let provider_message_id = ProviderMessageId::parse(message.key.as_str());
    SendOutcome::Accepted { provider_message_id, http_status: 200 }
}

/// Replicas over one store.
struct Outage {
    store: MemoryStore,
    clock: Arc<VirtualClock>,
    provider: Arc<Provider>,
    messages: Vec<MessageId>,
    switch: DrainSwitch,
    work: Vec<JoinHandle<()>>,
}

impl Outage {
    /// `messages` in the queue, `replicas` at work, and the provider is dead.
    async fn begin(dead: Dead, replicas: usize, messages: usize, policy: DispatchPolicy) -> Self {
        let clock = VirtualClock::new();
        let store_clock = Arc::clone(&clock);
        let store = MemoryStore::new(move || store_clock.wall());
        store.install_policy(policy).await.unwrap();
        let insert = |n| store.insert_unchecked(&format!("+90555{n:07}"), "Hello");
        let messages = (0..messages).map(insert).collect();
        let provider = Provider { dead, clock: clock.clone(), posts: Mutex::default() };
        let (switch, drain) = Drain::new();
        let provider = Arc::new(provider);
        let mut outage = Self { store, clock, provider, messages, switch, work: vec![] };
        for n in 0..replicas {
            outage.replica(n, policy.ordering, &drain);
        }
        outage
    }

    fn replica(&mut self, n: usize, ordering: Ordering, drain: &Drain) {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let ports = DispatcherPorts {
            messages: Arc::new(self.store.clone()),
            gateway: self.provider.clone(),
            cache: Arc::new(MemoryDeliveryCache::default()),
            clock: Arc::clone(&clock),
            entropy: Arc::new(SystemEntropy),
            control: Arc::new(self.store.clone()),
            meter: Arc::new(NoMeter),
        };
        let config = DispatcherConfig {
            instance: InstanceName::new(&format!("replica-{n}")),
            lease: LEASE,
            lease_margin: Duration::from_secs(5),
            rescue_grace: GRACE,
            max_in_flight: 64,
            start_interval: None,
            ordering,
            limits: MessageLimits::default(),
            retry: RetryPolicy::default(),
            breaker: BreakerPolicy::default(),
        };
        let dispatcher = Dispatcher::new(ports, config);
        let rescuer = Rescuer::new(Arc::new(self.store.clone()), Arc::clone(&clock), LEASE, GRACE);
        let sending = DispatchLoop::new(dispatcher, clock, Wake::default(), drain.clone());
        self.work.push(tokio::spawn(sending.run()));
        self.work.push(tokio::spawn(rescuer.run(drain.clone())));
    }

    fn with_status(&self, status: Status) -> Vec<MessageId> {
        let has = |id: &MessageId| self.store.edit(*id, |row| row.status) == Some(status);
        self.messages.iter().copied().filter(has).collect()
    }

    /// Until nothing is queued or being sent; the POSTs in their order.
    async fn over(self) -> Ended {
        let left = || [Status::Queued, Status::Sending].map(|status| self.with_status(status));
        while left() != [[], []] {
            assert!(self.clock.monotonic() < 20 * HOUR, "left: {:?}", left());
            self.clock.sleep(Duration::from_secs(60)).await;
        }
        self.switch.request();
        let (parked, sent) =
            (self.with_status(Status::Unconfirmed), self.with_status(Status::Sent));
        for work in self.work {
            work.await.unwrap();
        }
        assert_eq!(parked.len() + sent.len(), self.messages.len());
        let closed = self.store.snapshot().await.unwrap().state.breaker.open.is_none();
        assert!(closed, "the breaker is open, and the provider is well");
        let posts = self.provider.posts.lock().unwrap().clone();
        Ended { parked, sent, posts }
    }
}

/// How an outage went.
struct Ended {
    parked: Vec<MessageId>,
    sent: Vec<MessageId>,
    posts: Vec<Post>,
}

impl Ended {
    /// The rest went out in queue order, each by one accepted POST.
    fn sent_in_order(&self) {
        let accepted = self.posts.iter().filter(|post| post.accepted).map(|post| post.id);
        assert_eq!(accepted.collect::<Vec<_>>(), self.sent, "ids rise in queue order");
    }

    /// Behind the `threshold` failures that open the breaker, one POST at a
    /// time goes through, each after one of these waits.
    fn probes_wait(&self, threshold: usize, waits: &[u64]) {
        let failed = self.posts.iter().take_while(|post| !post.accepted).count();
        // The last of the probes finds the provider well.
        assert_eq!(failed - threshold + 1, waits.len(), "probes");
        for (pair, expected) in self.posts[threshold - 1..].windows(2).zip(waits) {
            let wait = pair[1].began - pair[0].ended;
            let expected = Duration::from_secs(*expected);
            // A replica looks twice a second.
            let late = wait.checked_sub(expected).unwrap_or(Duration::MAX);
            assert!(late <= Duration::from_millis(500), "{wait:?} instead of {expected:?}");
        }
    }
}

fn without_quota() -> DispatchPolicy {
    DispatchPolicy { period: Duration::ZERO, ..DispatchPolicy::default() }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_refuses_connections_costs_no_message_and_no_place() {
    for replicas in [1, 3] {
        let ended = Outage::begin(Dead::Refuses, replicas, 500, without_quota()).await.over().await;
        assert_eq!(ended.parked, []);
        ended.sent_in_order();
        ended.probes_wait(5, &[30, 60, 120, 240, 480, 600, 600, 600, 600, 600]);
        assert!(ended.posts[..14].iter().all(|post| post.id == ended.sent[0]), "the head waits");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_whose_outcomes_are_unknown_costs_fewer_than_ten_messages() {
    for dead in [Dead::Answers503, Dead::Silent] {
        for replicas in [1, 3] {
            let ended = Outage::begin(dead, replicas, 500, without_quota()).await.over().await;
            // Three open the breaker, and five probes fail.
            assert_eq!(ended.parked.len(), 8);
            ended.sent_in_order();
            ended.probes_wait(3, &[60, 120, 240, 480, 960, 1800]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_usual_pace_an_hour_costs_no_more() {
    for (dead, replicas) in [(Dead::Silent, 3), (Dead::Answers503, 1), (Dead::Refuses, 3)] {
        let policy = DispatchPolicy { batch_size: NonZeroU32::MIN, ..DispatchPolicy::default() };
        for policy in [DispatchPolicy::default(), policy] {
            let ended = Outage::begin(dead, replicas, 40, policy).await.over().await;
            assert!(ended.parked.len() < 10, "{}", ended.parked.len());
            ended.sent_in_order();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_order_only_what_was_in_flight_at_once_adds_to_the_cost() {
    let policy = DispatchPolicy { ordering: Ordering::None, ..without_quota() };
    let ended = Outage::begin(Dead::Silent, 1, 500, policy).await.over().await;
    // 64 slots, and the five probes.
    assert!(ended.parked.len() <= 64 + 5, "{}", ended.parked.len());
}
