//! Over the memory store, with a provider that can be asked.

use super::*;
use crate::{
    DrainSwitch,
    testing::{
        CountingMeter, FixedEntropy, ManualClock, cache_down, millis, seconds, unavailable,
        unexpected, within,
    },
};
use async_trait::async_trait;
use dispatcher_domain::{
    ClaimRequest, ClaimResult, ClaimedMessage, DeliveryPolicy, DispatchPolicy, InstanceName,
    LeaseToken, MessageId, MessageLimits, Ordering, ProviderMessageId, Receipt, RetryPolicy,
    SendOutcome, Status,
    ports::{DispatchControl, DoubtWord, MessageRepo, MockDeliveryCache, MockDoubtfulMessages},
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore, MessageRow};
use std::{num::NonZeroU32, sync::Mutex};

const LEASE: Duration = Duration::from_secs(60);

/// How the provider answers.
#[derive(Clone)]
enum Answer {
    Is(LookUp),
    Panic,
    Hang,
}

struct Provider {
    answer: Answer,
    asked: Mutex<Vec<IdempotencyKey>>,
}

#[async_trait]
impl SmsGateway for Provider {
    async fn send(&self, _: &ClaimedMessage) -> SendOutcome {
        panic!("a resolver sends nothing")
    }

    async fn look_up(&self, key: &IdempotencyKey) -> LookUp {
        self.asked.lock().unwrap().push(key.clone());
        match &self.answer {
            Answer::Is(answer) => answer.clone(),
            Answer::Panic => panic!("the script says so"),
            Answer::Hang => std::future::pending().await,
        }
    }

    fn deadline(&self) -> Duration {
        seconds(10)
    }
}

struct World {
    clock: Arc<ManualClock>,
    store: MemoryStore,
    cache: Arc<dyn DeliveryCache>,
    provider: Arc<Provider>,
    meter: Arc<CountingMeter>,
    policy: ResolutionPolicy,
    switch: DrainSwitch,
    drain: Drain,
}

impl World {
    fn new(answer: Answer) -> Self {
        let clock = ManualClock::new();
        let store_clock = Arc::clone(&clock);
        let (switch, drain) = Drain::new();
        Self {
            clock,
            store: MemoryStore::new(move || store_clock.wall()),
            cache: Arc::new(MemoryDeliveryCache::default()),
            provider: Arc::new(Provider { answer, asked: Mutex::default() }),
            meter: Arc::default(),
            policy: ResolutionPolicy {
                delivery: DeliveryPolicy::AtMostOnce,
                key_window: None,
                key_margin: LEASE,
                retry: RetryPolicy::default(),
            },
            switch,
            drain,
        }
    }

    fn that_cannot_be_asked() -> Self {
        Self::new(Answer::Is(LookUp::Unsupported))
    }

    /// `count` messages whose owner vanished.
    async fn park(&self, count: u32) -> Vec<ClaimedMessage> {
        let policy = DispatchPolicy {
            batch_size: NonZeroU32::MIN,
            period: seconds(0),
            ordering: Ordering::None,
        };
        self.store.install_policy(policy).await.unwrap();
        for n in 0..count {
            self.store.insert_unchecked(&format!("+90555{n:07}"), "Hello");
        }
        let messages = self.claim(count).await;
        self.clock.sleep(LEASE + millis(1)).await;
        let parked = self.store.rescue_expired(Duration::ZERO, count).await.unwrap();
        assert_eq!(parked.len(), count as usize);
        messages
    }

    async fn claim(&self, want: u32) -> Vec<ClaimedMessage> {
        let request = ClaimRequest {
            want,
            token: LeaseToken(uuid::Uuid::new_v4()),
            lease: LEASE,
            instance: InstanceName::new("vanished"),
            limits: MessageLimits::default(),
        };
        match self.store.claim_due(&request).await.unwrap().result {
            ClaimResult::Started(messages) => messages,
            _ => vec![],
        }
    }

    async fn receipt_of(&self, message: &ClaimedMessage, token: LeaseToken) {
        let receipt = Receipt {
            id: message.id,
            key: message.key.clone(),
            attempt: message.lease.attempt,
            token,
            provider_message_id: ProviderMessageId::parse("provider-1"),
            accepted_at: self.clock.wall(),
        };
        self.cache.record(&receipt).await.unwrap();
    }

    fn resolver(&self) -> Resolver {
        self.resolver_over(Arc::new(self.store.clone()))
    }

    fn resolver_over(&self, doubts: Arc<dyn DoubtfulMessages>) -> Resolver {
        let ports = ResolverPorts {
            doubts,
            cache: Arc::clone(&self.cache),
            gateway: Arc::clone(&self.provider) as Arc<dyn SmsGateway>,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::new(FixedEntropy::default()),
            meter: Arc::clone(&self.meter) as Arc<dyn Meter>,
        };
        Resolver::new(ports, self.policy)
    }

    async fn round(&self) -> ResolverReport {
        within("the end of the round", self.resolver().run_once(&self.drain)).await.unwrap()
    }

    fn row(&self, id: MessageId) -> MessageRow {
        self.store.edit(id, |row| row.clone()).unwrap()
    }

    fn told(&self, message: &ClaimedMessage) -> (Status, String) {
        let row = self.row(message.id);
        (row.status, row.status_reason.unwrap().as_str().to_owned())
    }

    fn asked(&self) -> usize {
        self.provider.asked.lock().unwrap().len()
    }
}

fn accepted() -> Answer {
    let provider_message_id = ProviderMessageId::parse("provider-2").unwrap();
    Answer::Is(LookUp::Accepted { provider_message_id })
}

fn told(status: Status, reason: &str) -> (Status, String) {
    (status, reason.to_owned())
}

fn report(change: impl FnOnce(&mut ResolverReport)) -> ResolverReport {
    let mut report = ResolverReport::default();
    change(&mut report);
    report
}

#[tokio::test(start_paused = true)]
async fn a_receipt_settles_it_and_nobody_is_asked() {
    let world = World::new(accepted());
    let message = world.park(1).await.remove(0);
    world.receipt_of(&message, message.lease.token).await;
    assert_eq!(world.round().await, report(|it| it.sent = 1));
    assert_eq!(world.told(&message), told(Status::Sent, "receipt"));
    assert_eq!(world.row(message.id).provider_message_id.as_deref(), Some("provider-1"));
    assert_eq!(world.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_of_another_send_proves_nothing() {
    let world = World::that_cannot_be_asked();
    let message = world.park(1).await.remove(0);
    world.receipt_of(&message, LeaseToken(uuid::Uuid::new_v4())).await;
    assert_eq!(world.round().await, report(|it| it.waiting = 1));
    assert_eq!(world.told(&message), told(Status::Unconfirmed, "lease_expired"));
    assert_eq!(world.meter.events(), [MeterEvent::Resolved(DoubtWord::Wait)]);
}

#[tokio::test(start_paused = true)]
async fn without_a_receipt_the_provider_is_asked_for_the_key() {
    let world = World::new(accepted());
    let message = world.park(1).await.remove(0);
    assert_eq!(world.round().await, report(|it| it.sent = 1));
    assert_eq!(world.told(&message), told(Status::Sent, "look_up"));
    assert_eq!(*world.provider.asked.lock().unwrap(), [message.key]);
    assert_eq!(world.meter.events(), [MeterEvent::Resolved(DoubtWord::LookUp)]);
}

#[tokio::test(start_paused = true)]
async fn without_a_cache_the_provider_is_asked_and_a_resend_is_not_held_up() {
    let mut cache = MockDeliveryCache::new();
    cache.expect_receipts().returning(|_| Err(cache_down()));
    let mut world = World::new(Answer::Is(LookUp::Failed));
    world.cache = Arc::new(cache);
    world.policy.key_window = Some(seconds(86_400));
    let message = world.park(1).await.remove(0);
    assert_eq!(world.round().await, report(|it| it.resent = 1));
    assert_eq!(world.told(&message), told(Status::Queued, "resend"));
    assert_eq!(world.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn at_most_once_nothing_is_sent_again_and_an_operator_sees_what_was_found() {
    let world = World::new(Answer::Is(LookUp::NotKnown));
    let message = world.park(1).await.remove(0);
    for _ in 0..20 {
        assert_eq!(world.round().await, report(|it| it.waiting = 1));
        assert_eq!(world.told(&message), told(Status::Unconfirmed, "not_known_by_provider"));
        world.clock.sleep(seconds(3600)).await;
        assert_eq!(world.claim(9).await, []);
    }
    assert_eq!(world.asked(), 20);
}

#[tokio::test(start_paused = true)]
async fn at_least_once_it_is_sent_again_until_its_tries_are_used_up() {
    let mut world = World::that_cannot_be_asked();
    world.policy.delivery = DeliveryPolicy::AtLeastOnce;
    world.policy.retry.max_tries = 3;
    let message = world.park(1).await.remove(0);
    for attempt in [2, 3] {
        assert_eq!(world.round().await, report(|it| it.resent = 1));
        world.clock.sleep(seconds(3600)).await;
        let again = world.claim(9).await.remove(0);
        assert_eq!((again.lease.attempt, &again.key), (attempt, &message.key));
        world.clock.sleep(LEASE + millis(1)).await;
        world.store.rescue_expired(Duration::ZERO, 9).await.unwrap();
    }
    assert_eq!(world.round().await, report(|it| it.failed = 1));
    assert_eq!(world.told(&message), told(Status::Failed, "tries_used_up"));
    assert_eq!(world.row(message.id).unknown_outcomes, 3);
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_gateway_is_a_look_up_that_failed() {
    let world = World::new(Answer::Panic);
    world.park(2).await;
    assert_eq!(world.round().await, report(|it| it.waiting = 2));
}

#[tokio::test(start_paused = true)]
async fn all_that_are_due_are_looked_at_once_however_many_stay() {
    let world = World::that_cannot_be_asked();
    let messages = world.park(301).await;
    let last = messages.iter().max_by_key(|message| message.id).unwrap();
    world.receipt_of(last, last.lease.token).await;
    assert_eq!(world.round().await, report(|it| (it.waiting, it.sent) = (300, 1)));
    assert_eq!(world.round().await, ResolverReport::default(), "each has its backoff");
    world.clock.sleep(seconds(30)).await;
    assert_eq!(world.round().await, report(|it| it.waiting = 300));
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_a_question_and_settles_nothing_more() {
    let world = World::new(Answer::Hang);
    let message = world.park(1).await.remove(0);
    let (resolver, drain) = (world.resolver(), world.drain.clone());
    let running = tokio::spawn(resolver.run(drain));
    world.clock.sleep(seconds(25)).await;
    assert_eq!(world.asked(), 1);
    world.switch.request();
    within("its end", running).await.unwrap();
    assert_eq!(world.told(&message), told(Status::Unconfirmed, "lease_expired"));
}

/// Messages in doubt whose end the store takes as `settle` says.
fn settling(
    world: &World,
    settle: impl Fn() -> Result<bool, StoreError> + Send + 'static,
) -> Resolver {
    let mut doubts = MockDoubtfulMessages::new();
    let store = world.store.clone();
    doubts.expect_take_in_doubt().returning(move |limit, backoff| {
        store.take_in_doubt(limit, backoff).now_or_never().expect("memory does not wait")
    });
    doubts.expect_settle().returning(move |_, _| settle());
    world.resolver_over(Arc::new(doubts))
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_settled_meanwhile_is_left_alone() {
    let world = World::new(accepted());
    world.park(2).await;
    let round = settling(&world, || Ok(false)).run_once(&world.drain).await.unwrap();
    assert_eq!(round, report(|it| it.overtaken = 2));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_ends_the_round_and_one_bad_row_does_not() {
    let world = World::new(accepted());
    world.park(2).await;
    let error = settling(&world, || Err(unavailable())).run_once(&world.drain).await.unwrap_err();
    assert!(error.is_transient());
    world.clock.sleep(seconds(30)).await;
    let round = settling(&world, || Err(unexpected())).run_once(&world.drain).await.unwrap();
    assert_eq!(round, report(|it| it.unrecorded = 2));
}

#[tokio::test(start_paused = true)]
async fn it_looks_every_second_also_after_an_error_until_a_drain() {
    let world = World::that_cannot_be_asked();
    let looks = Arc::new(Mutex::new(Vec::new()));
    let mut doubts = MockDoubtfulMessages::new();
    let (seen, clock) = (Arc::clone(&looks), Arc::clone(&world.clock));
    doubts.expect_take_in_doubt().returning(move |limit, backoff| {
        assert_eq!((limit, backoff.base, backoff.cap), (50, seconds(30), seconds(3600)));
        let mut seen = seen.lock().unwrap();
        seen.push(clock.monotonic());
        if seen.len() == 2 { Err(unavailable()) } else { Ok(vec![]) }
    });
    let running = tokio::spawn(world.resolver_over(Arc::new(doubts)).run(world.drain.clone()));
    world.clock.sleep(millis(3500)).await;
    world.switch.request();
    within("its end", running).await.unwrap();
    assert_eq!(*looks.lock().unwrap(), [0, 1, 2, 3].map(seconds));
}
