//! A replica: the loops of the service over lines of its own. Dropped, it has
//! crashed.

use crate::{
    check::Witness,
    clock::ProcessClock,
    plan::{GRACE, LEASE, MARGIN, Plan},
    provider::LineToProvider,
    schedule::{ReplicaId, Schedule},
    store::LineToStore,
};
use async_trait::async_trait;
use dispatcher_app::{
    DispatchLoop, Dispatcher, DispatcherConfig, DispatcherPorts, Drain, DrainSwitch, Expirer,
    Rescuer, Resolver, ResolverPorts, Wake,
};
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, InstanceName, MessageId, MessageLimits,
    MissingDelivery, Receipt,
    ports::{CacheError, CacheReach, Clock, DeliveryCache, Entropy, NoMeter},
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use std::{collections::HashMap, sync::Arc};
use tokio::task::JoinSet;

/// What all replicas share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) plan: Plan,
    pub(crate) schedule: Schedule,
    pub(crate) store: MemoryStore,
    pub(crate) cache: Arc<MemoryDeliveryCache>,
    pub(crate) witness: Arc<Witness>,
}

/// A running replica; its tasks end with it.
pub(crate) struct Replica {
    pub(crate) id: ReplicaId,
    _tasks: JoinSet<()>,
    switch: DrainSwitch,
}

impl Replica {
    pub(crate) fn start(id: ReplicaId, around: &Surroundings) -> Self {
        let (switch, drain) = Drain::new();
        let line = around.line(id);
        let clock: Arc<dyn Clock> = Arc::new(ProcessClock::of(&around.schedule, id));
        let plan = around.plan;
        let gateway = Arc::new(LineToProvider {
            schedule: around.schedule.clone(),
            owner: id,
            plan,
            witness: Arc::clone(&around.witness),
        });
        let cache = Arc::new(LineToCache {
            cache: Arc::clone(&around.cache),
            schedule: around.schedule.clone(),
            owner: id,
            witness: Arc::clone(&around.witness),
        });
        let entropy: Arc<dyn Entropy> = Arc::new(around.schedule.chance.clone());
        let ports = DispatcherPorts {
            messages: Arc::new(line.clone()),
            control: Arc::new(line.clone()),
            gateway: gateway.clone(),
            cache: cache.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            meter: Arc::new(NoMeter),
        };
        let config = DispatcherConfig {
            instance: InstanceName::new(&format!("r{id}")),
            lease: LEASE,
            lease_margin: MARGIN,
            rescue_grace: GRACE,
            max_in_flight: plan.max_in_flight,
            start_interval: None,
            ordering: plan.policy.ordering,
            limits: MessageLimits::default(),
            retry: plan.retry(),
            breaker: plan.breaker(),
        };
        let dispatcher = Dispatcher::new(ports, config);
        let resolver = ResolverPorts {
            doubts: Arc::new(line.clone()),
            cache,
            gateway,
            clock: clock.clone(),
            entropy,
            meter: Arc::new(NoMeter),
        };
        let mut tasks = JoinSet::new();
        let wake = Wake::default();
        tasks.spawn(DispatchLoop::new(dispatcher, clock.clone(), wake, drain.clone()).run());
        tasks.spawn(Resolver::new(resolver, plan.resolution()).run(drain.clone()));
        let rescuer = Rescuer::new(Arc::new(line.clone()), clock.clone(), LEASE, GRACE);
        tasks.spawn(rescuer.run(drain.clone()));
        tasks.spawn(Expirer::new(Arc::new(line), clock).run(drain));
        Self { id, _tasks: tasks, switch }
    }

    /// Asks it to end: it begins nothing more.
    pub(crate) fn drain(&self) {
        self.switch.request();
    }
}

impl Surroundings {
    pub(crate) fn line(&self, owner: ReplicaId) -> LineToStore {
        LineToStore {
            store: self.store.clone(),
            schedule: self.schedule.clone(),
            owner,
            witness: Arc::clone(&self.witness),
        }
    }
}

/// The line of one replica to the cache.
struct LineToCache {
    cache: Arc<MemoryDeliveryCache>,
    schedule: Schedule,
    owner: ReplicaId,
    witness: Arc<Witness>,
}

impl LineToCache {
    async fn turn(&self, what: &'static str) -> Result<(), CacheError> {
        self.schedule.turn(Some(self.owner), what).await;
        if self.witness.draws_a_fault(&self.schedule.chance) {
            return Err(CacheError("down".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl DeliveryCache for LineToCache {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        self.turn("writes a receipt").await?;
        self.cache.record(receipt).await?;
        // Written, and its writer not told.
        self.turn("has written a receipt").await
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        self.turn("reads the cache").await?;
        self.cache.lookup(ids).await
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        self.turn("looks for receipts").await?;
        self.cache.receipts(keys).await
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        self.turn("restores").await?;
        self.cache.restore(deliveries).await
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        self.turn("pings").await?;
        self.cache.ping().await
    }
}
