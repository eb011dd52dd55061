//! The only place that names adapters.

mod outside;
mod schema;
mod store;

pub use schema::NotReady;
pub(crate) use store::prepare_file;

use crate::Failure;
use anyhow::Context;
use dispatcher_api::route_names;
use dispatcher_app::{
    MeteredCache, MeteredGateway, MeteredMessages, StandInCache, SystemClock, SystemEntropy,
};
use dispatcher_domain::ports::{
    Clock, ConnectionPool, DeliveryCache, DispatchControl, DoubtfulMessages, Entropy,
    MessageArchive, MessageControl, MessageRepo, Meter, MetricsText, QueueStats, SmsGateway,
    StoreError,
};
use dispatcher_memory::MemoryDeliveryCache;
use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
use dispatcher_redis::RedisDeliveryCache;
use dispatcher_settings::Settings;
use dispatcher_wiring::version;
use outside::{gateway, redis_config};
use schema::Schema;
use std::sync::Arc;
use store::Store;

/// A connection pool, with its name in the metrics.
type NamedPool = (&'static str, Arc<dyn ConnectionPool>);

/// The outside world, behind its ports.
#[derive(Clone)]
pub struct Adapters {
    /// The queue.
    pub messages: Arc<dyn MessageRepo>,
    /// The switch and the pace.
    pub control: Arc<dyn DispatchControl>,
    /// What operators decide.
    pub operators: Arc<dyn MessageControl>,
    /// Lists of messages.
    pub archive: Arc<dyn MessageArchive>,
    /// The messages in doubt.
    pub doubts: Arc<dyn DoubtfulMessages>,
    /// The size of the queue.
    pub stats: Arc<dyn QueueStats>,
    /// The delivery cache.
    pub cache: Arc<dyn DeliveryCache>,
    /// The provider.
    pub gateway: Arc<dyn SmsGateway>,
    /// Time of this process.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Counts what happens.
    pub meter: Arc<dyn Meter>,
    /// Tells what was counted.
    pub metrics: Arc<dyn MetricsText>,
    /// The connection pools, with their names.
    pub pools: Vec<NamedPool>,
    schema: Schema,
}

impl Adapters {
    /// What the settings name: PostgreSQL or a SQLite file, Redis, and a
    /// provider over HTTP. Connects to no server yet: they may be down now and
    /// come up later. A file is opened.
    ///
    /// # Errors
    /// Settings that cannot work, such as a certificate file without one, and a
    /// file that cannot be opened or from which another process sends.
    pub fn production(settings: &Settings) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store = Store::open(&settings.database, &clock)?;
        if !settings.wants_redis() {
            return Self::over(settings, store, Cache::in_memory(), clock);
        }
        let cache = RedisDeliveryCache::new(&redis_config(&settings.redis))
            .context("the settings of Redis cannot work")
            .map_err(Failure::usage)?;
        let cache = Cache::redis(cache);
        let cache = if settings.redis.explicit { cache } else { cache.not_missed() };
        Self::over(settings, store, cache, clock)
    }

    /// Everything on this machine: a SQLite file, and a cache in this process.
    /// Only the provider is reached over HTTP.
    ///
    /// # Errors
    /// As [`Adapters::production`].
    pub fn embedded(settings: &Settings) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store = Store::open(&settings.database, &clock)?;
        Self::over(settings, store, Cache::in_memory(), clock)
    }

    fn over(
        settings: &Settings,
        store: Store,
        cache: Cache,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let meter = meter().map_err(Failure::internal)?;
        let adapters = Self {
            messages: store.messages,
            control: store.control,
            operators: store.operators,
            archive: store.archive,
            doubts: store.doubts,
            stats: store.stats,
            cache: cache.cache,
            gateway: gateway(&settings.provider, &clock).map_err(Failure::usage)?,
            clock,
            entropy: Arc::new(SystemEntropy),
            meter: meter.clone(),
            metrics: meter,
            pools: [store.pool, cache.pool].into_iter().flatten().collect(),
            schema: store.schema,
        };
        Ok(adapters.metered())
    }

    /// The same, and the meter is told what goes through them.
    fn metered(self) -> Self {
        let Self { messages, gateway, cache, meter, clock, .. } = self.clone();
        Self {
            messages: Arc::new(MeteredMessages::new(messages, meter.clone(), clock.clone())),
            gateway: Arc::new(MeteredGateway::new(gateway, meter.clone(), clock)),
            cache: Arc::new(MeteredCache::new(cache, meter)),
            ..self
        }
    }

    /// Whether the store has the tables that this program was built for.
    ///
    /// # Errors
    /// [`NotReady`] tells whether it helps to wait.
    pub async fn check_schema(&self) -> Result<(), NotReady> {
        self.schema.check().await
    }

    /// Why the store did not do at a start what it was asked for.
    pub(crate) fn explain(&self, error: StoreError) -> NotReady {
        self.schema.explain(error)
    }
}

/// A delivery cache.
struct Cache {
    cache: Arc<dyn DeliveryCache>,
    pool: Option<NamedPool>,
}

impl Cache {
    fn in_memory() -> Self {
        Self { cache: Arc::new(MemoryDeliveryCache::default()), pool: None }
    }

    fn redis(cache: RedisDeliveryCache) -> Self {
        let cache = Arc::new(cache);
        Self { cache: cache.clone(), pool: Some(("redis", cache)) }
    }

    /// The same, but nobody has asked for it.
    fn not_missed(self) -> Self {
        let cache = StandInCache::new(self.cache, Arc::new(MemoryDeliveryCache::default()));
        Self { cache: Arc::new(cache), ..self }
    }
}

fn meter() -> anyhow::Result<Arc<PrometheusMeter>> {
    let config = MeterConfig {
        version: version::VERSION.to_owned(),
        commit: version::GIT_COMMIT.to_owned(),
        routes: route_names().to_vec(),
    };
    Ok(Arc::new(PrometheusMeter::new(&config)?))
}
