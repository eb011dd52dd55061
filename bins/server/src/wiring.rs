//! The only place that names adapters.

use anyhow::{Context, anyhow};
use dispatcher_api::route_names;
use dispatcher_app::{MeteredCache, MeteredGateway, MeteredMessages, SystemClock, SystemEntropy};
use dispatcher_domain::ports::{
    Clock, ConnectionPool, DeliveryCache, DispatchControl, DoubtfulMessages, Entropy,
    MessageArchive, MessageControl, MessageRepo, Meter, MetricsText, QueueStats, SmsGateway,
};
use dispatcher_http_gateway::{HttpGatewayConfig, HttpSmsGateway};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use dispatcher_postgres::{
    Db, PgDispatchControl, PgDoubtfulMessages, PgMessageArchive, PgMessageControl, PgMessageRepo,
    PgQueueStats,
    migrations::{self, SchemaError},
};
use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
use dispatcher_redis::{RedisConfig, RedisDeliveryCache};
use dispatcher_settings::{ProviderSettings, RedisSettings, Settings};
use dispatcher_wiring::{pg_config, version};
use std::sync::Arc;

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
    pub pools: Vec<(&'static str, Arc<dyn ConnectionPool>)>,
    schema: Schema,
}

/// Who knows whether the tables are there.
#[derive(Clone)]
enum Schema {
    Postgres(Db),
    /// Nothing to migrate.
    None,
}

/// The store cannot be used.
pub enum NotReady {
    /// It may be well later without anyone's help.
    Yet(anyhow::Error),
    /// An operator has to mend it.
    EverByItself(anyhow::Error),
}

impl Adapters {
    /// PostgreSQL, Redis and a provider over HTTP. Connects to none of them
    /// yet: they may be down now and come up later.
    ///
    /// # Errors
    /// Settings that cannot work, such as a certificate file without one.
    pub fn production(settings: &Settings) -> anyhow::Result<Self> {
        let db = Db::connect_lazily(&pg_config(&settings.database))
            .context("the settings of the database cannot work")?;
        let cache = RedisDeliveryCache::new(&redis_config(&settings.redis))
            .context("the settings of Redis cannot work")?;
        let cache = Arc::new(cache);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let meter = meter()?;
        let adapters = Self {
            messages: Arc::new(PgMessageRepo::new(db.clone())),
            control: Arc::new(PgDispatchControl::new(db.clone())),
            operators: Arc::new(PgMessageControl::new(db.clone())),
            archive: Arc::new(PgMessageArchive::new(db.clone())),
            doubts: Arc::new(PgDoubtfulMessages::new(db.clone())),
            stats: Arc::new(PgQueueStats::new(db.clone())),
            cache: cache.clone(),
            gateway: gateway(&settings.provider, &clock)?,
            clock,
            entropy: Arc::new(SystemEntropy),
            meter: meter.clone(),
            metrics: meter,
            pools: vec![("database", Arc::new(db.clone())), ("redis", cache)],
            schema: Schema::Postgres(db),
        };
        Ok(adapters.metered())
    }

    /// Everything in this process but the provider, which is reached over HTTP.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn embedded(settings: &Settings) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store_clock = Arc::clone(&clock);
        let store = Arc::new(MemoryStore::new(move || store_clock.wall()));
        let meter = meter()?;
        let adapters = Self {
            messages: store.clone(),
            control: store.clone(),
            operators: store.clone(),
            archive: store.clone(),
            doubts: store.clone(),
            stats: store,
            cache: Arc::new(MemoryDeliveryCache::default()),
            gateway: gateway(&settings.provider, &clock)?,
            clock,
            entropy: Arc::new(SystemEntropy),
            meter: meter.clone(),
            metrics: meter,
            pools: vec![],
            schema: Schema::None,
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
        let Schema::Postgres(db) = &self.schema else { return Ok(()) };
        migrations::check(db).await.map_err(|error| match error {
            error if error.is_transient() => NotReady::Yet(error.into()),
            error @ SchemaError::Store(_) => {
                NotReady::EverByItself(anyhow!(error).context("the database refuses us"))
            }
            error => NotReady::EverByItself(error.into()),
        })
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

fn gateway(
    settings: &ProviderSettings,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<dyn SmsGateway>> {
    let config = HttpGatewayConfig {
        url: settings.url.expose().to_owned(),
        token: settings.token.expose().to_owned(),
        deadline: settings.deadline,
        connect_timeout: None,
        not_sent_statuses: settings.not_sent_statuses.clone(),
        idempotent: settings.idempotent,
        look_up_url: settings.look_up_url.as_ref().map(|url| url.expose().to_owned()),
        ca_file: settings.ca_file.clone(),
    };
    let gateway = HttpSmsGateway::new(&config, Arc::clone(clock))
        .context("the settings of the provider (SMS_…, PROVIDER_…) cannot work")?;
    Ok(Arc::new(gateway))
}

fn redis_config(settings: &RedisSettings) -> RedisConfig {
    RedisConfig {
        host: settings.host.clone(),
        port: settings.port,
        username: settings.user.clone(),
        password: settings.password.as_ref().map(|password| password.expose().to_owned()),
        db: settings.db,
        tls: settings.tls,
        ca: settings.ca_file.clone(),
        pool_size: settings.pool_size,
        timeout: settings.timeout,
    }
}
