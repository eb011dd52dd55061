//! A store that has forgotten, and who has not.

use super::*;
use crate::{
    Wake,
    testing::{ManualClock, cache_down},
};
use async_trait::async_trait;
use dispatcher_domain::{
    CachedDelivery, LeaseToken, MissingDelivery, Receipt, SendOutcome,
    ports::{Clock, MockDeliveryCache},
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use std::time::Duration;
use uuid::Uuid;

/// Entries of another life of this service.
#[derive(Default)]
struct Redis(MemoryDeliveryCache);

#[async_trait]
impl DeliveryCache for Redis {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        self.0.record(receipt).await
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        self.0.lookup(ids).await
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        self.0.receipts(keys).await
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        self.0.restore(deliveries).await
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        Ok(CacheReach::Shared)
    }
}

/// Knows these, and may be asked.
enum Provider {
    Mute,
    Knows(Vec<IdempotencyKey>),
    Fails,
}

#[async_trait]
impl SmsGateway for Provider {
    async fn send(&self, _: &dispatcher_domain::ClaimedMessage) -> SendOutcome {
        unreachable!("nothing is sent")
    }

    async fn look_up(&self, key: &IdempotencyKey) -> LookUp {
        match self {
            Self::Mute => LookUp::Unsupported,
            Self::Fails => LookUp::Failed,
            Self::Knows(keys) if keys.contains(key) => LookUp::Accepted {
                provider_message_id: ProviderMessageId::parse("p-2").expect("an id"),
            },
            Self::Knows(_) => LookUp::NotKnown,
        }
    }

    fn deadline(&self) -> Duration {
        Duration::ZERO
    }
}

struct World {
    store: MemoryStore,
    cache: Arc<dyn DeliveryCache>,
    ids: Vec<MessageId>,
}

impl World {
    /// So many are queued, and sending is off.
    async fn new(count: usize) -> Self {
        let clock = ManualClock::new();
        let store = MemoryStore::new(move || clock.wall());
        store.set_enabled(false).await.unwrap();
        let insert = |n| store.insert_unchecked(&format!("+90555{n:07}"), "Hello");
        let ids = (0..count).map(insert).collect();
        Self { store, cache: Arc::new(Redis::default()), ids }
    }

    async fn key(&self, place: usize) -> IdempotencyKey {
        let record = self.store.find(self.ids[place]).await.unwrap();
        record.expect("it is there").message.key
    }

    async fn receipt(&self, place: usize) {
        let receipt = Receipt {
            id: self.ids[place],
            key: self.key(place).await,
            // Of a send that the store knows nothing of.
            attempt: 3,
            token: LeaseToken(Uuid::from_u128(7)),
            provider_message_id: ProviderMessageId::parse("p-1"),
            accepted_at: jiff::Timestamp::UNIX_EPOCH,
        };
        self.cache.record(&receipt).await.unwrap();
    }

    fn set(&self, place: usize, status: Status) {
        self.store.edit(self.ids[place], |row| row.status = status).expect("it is there");
    }

    async fn run(
        &self,
        provider: Provider,
        settle: bool,
    ) -> (Result<Reconciled, ReconcileError>, Vec<(MessageId, Witness, bool)>) {
        let ports = ReconcilePorts {
            archive: Arc::new(self.store.clone()),
            control: Arc::new(self.store.clone()),
            cache: Arc::clone(&self.cache),
            gateway: Arc::new(provider),
        };
        let operators = Arc::new(self.store.clone());
        let decide = Decide::new(operators, Duration::from_secs(60), Wake::default());
        let mut told = Vec::new();
        let result = Reconcile::new(ports, decide)
            .run(settle, |message, settled| told.push((message.id, message.witness, settled)))
            .await;
        (result, told)
    }

    fn status(&self, place: usize) -> Status {
        self.store.edit(self.ids[place], |row| row.status).expect("it is there")
    }
}

#[tokio::test]
async fn what_has_a_receipt_is_told_whatever_its_status_and_nothing_is_changed() {
    let world = World::new(7).await;
    let statuses = [Status::Unconfirmed, Status::Expired, Status::Canceled, Status::Failed];
    for (place, status) in statuses.into_iter().enumerate() {
        world.set(place, status);
        world.receipt(place).await;
    }
    world.receipt(5).await;
    let (result, told) = world.run(Provider::Mute, false).await;
    let expected = Reconciled { looked_at: 7, forgotten: 5, settled: 0, unanswered: 0 };
    assert_eq!(result.unwrap(), expected);
    let told: Vec<_> = told.into_iter().map(|(id, _, settled)| (id, settled)).collect();
    let places = [5, 0, 1, 2, 3].map(|place: usize| (world.ids[place], false));
    assert_eq!(told, places);
    assert_eq!((world.status(5), world.status(0)), (Status::Queued, Status::Unconfirmed));
}

#[tokio::test]
async fn what_was_sent_is_settled_with_the_providers_id_and_the_rest_stays_queued() {
    let world = World::new(3).await;
    world.receipt(0).await;
    let known = vec![world.key(1).await];
    let (result, told) = world.run(Provider::Knows(known.clone()), true).await;
    let expected = Reconciled { looked_at: 3, forgotten: 2, settled: 2, unanswered: 0 };
    assert_eq!(result.unwrap(), expected);
    let witnesses = [Witness::Receipt, Witness::Provider];
    assert_eq!(witnesses.map(Witness::as_str), ["receipt", "look_up"]);
    assert_eq!(told, [0, 1].map(|place: usize| (world.ids[place], witnesses[place], true)));
    let status = [0, 1, 2].map(|place| world.status(place));
    assert_eq!(status, [Status::Sent, Status::Sent, Status::Queued]);
    let record = world.store.find(world.ids[1]).await.unwrap().expect("it is there");
    assert_eq!(record.message.provider_message_id.as_deref(), Some("p-2"));
    // Once more: there is nothing left.
    let (again, told) = world.run(Provider::Knows(known), true).await;
    assert_eq!((again.unwrap().forgotten, told.len()), (0, 0));
}

#[tokio::test]
async fn a_page_is_not_the_end() {
    let world = World::new(PAGE as usize * 2 + 1).await;
    for place in [0, PAGE as usize, PAGE as usize * 2] {
        world.receipt(place).await;
    }
    let (result, _) = world.run(Provider::Mute, true).await;
    let result = result.unwrap();
    assert_eq!((result.looked_at, result.settled), (u64::from(PAGE) * 2 + 1, 3));
}

#[tokio::test]
async fn what_is_being_sent_meanwhile_is_not_settled() {
    let world = World::new(1).await;
    world.receipt(0).await;
    world.store.set_enabled(true).await.unwrap();
    let (result, told) = world.run(Provider::Mute, true).await;
    assert!(matches!(result, Err(ReconcileError::Running)) && told.is_empty());
    let (result, told) = world.run(Provider::Mute, false).await;
    assert_eq!((result.unwrap().forgotten, told.len()), (1, 1), "but it may be looked at");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_counted() {
    let world = World::new(3).await;
    world.receipt(0).await;
    let result = world.run(Provider::Fails, false).await.0.unwrap();
    assert_eq!((result.forgotten, result.unanswered), (1, 2));
}

#[tokio::test]
async fn nothing_is_said_without_a_witness() {
    let mut world = World::new(1).await;
    // Nobody but a process that is gone knew what was in this one.
    world.cache = Arc::new(MemoryDeliveryCache::default());
    let result = world.run(Provider::Mute, false).await.0;
    assert!(matches!(result, Err(ReconcileError::NoWitness)), "{result:?}");
    let known = vec![world.key(0).await];
    assert_eq!(world.run(Provider::Knows(known), false).await.0.unwrap().forgotten, 1);
    let mut down = MockDeliveryCache::new();
    down.expect_ping().returning(|| Err(cache_down()));
    world.cache = Arc::new(down);
    let result = world.run(Provider::Mute, false).await.0;
    assert!(matches!(result, Err(ReconcileError::Cache(_))), "{result:?}");
}
