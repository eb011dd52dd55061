//! The cache: one pipeline per call, each with a time limit.

use crate::{RedisConfig, RedisConfigError, entry, error::CallError, receipts};
use async_trait::async_trait;
use deadpool_redis::{
    Connection, Manager, Pool, Runtime,
    redis::{AsyncConnectionConfig, FromRedisValue, Pipeline, pipe},
};
use dispatcher_domain::{
    CachedDelivery, CachedReceipt, IdempotencyKey, MessageId, MissingDelivery, Receipt,
    ports::{CacheError, CacheReach, ConnectionPool, DeliveryCache, PoolUsage},
};
use std::{collections::HashMap, fmt, time::Duration};
use tokio::{runtime::Handle, time::timeout};

/// Remembers accepted messages in Redis.
pub struct RedisDeliveryCache {
    pool: Pool,
    timeout: Duration,
    home: Option<Handle>,
}

impl RedisDeliveryCache {
    /// A cache for `config`. Connects when the first call needs it, so Redis
    /// may be down at the time and come up later.
    ///
    /// Connections live on the runtime that this is called in, whoever uses
    /// them; called outside of any, on that of the caller who opened them.
    ///
    /// # Errors
    /// [`RedisConfigError`] tells what is wrong with the configuration.
    pub fn new(config: &RedisConfig) -> Result<Self, RedisConfigError> {
        let info = config.connection_info()?;
        if config.tls {
            // The driver takes the process's default. With ring alone compiled
            // in there is no doubt; this settles it where other crates bring
            // another one. Failing means that the process has chosen already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        // A call may have to give up on a dead connection, open another and
        // still be answered. The driver's and the pool's own limits know
        // nothing of `timeout`.
        let (half, quarter) = (config.timeout / 2, config.timeout / 4);
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(half))
            .set_response_timeout(Some(half));
        let manager = Manager::new_with_config(info, settings).map_err(RedisConfigError::Client)?;
        let pool = Pool::builder(manager)
            .max_size(config.pool_size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(config.timeout))
            .create_timeout(Some(half))
            .recycle_timeout(Some(quarter))
            .build()
            .map_err(RedisConfigError::Pool)?;
        Ok(Self { pool, timeout: config.timeout, home: Handle::try_current().ok() })
    }

    async fn query<T: FromRedisValue + Send>(&self, commands: &Pipeline) -> Result<T, CallError> {
        let answer = timeout(self.timeout, self.exchange(commands)).await;
        answer.unwrap_or(Err(CallError::Timeout(self.timeout)))
    }

    /// The values of `keys`, in their order.
    async fn get(&self, keys: Vec<String>) -> Result<Vec<Option<Vec<u8>>>, CallError> {
        // MGET without a key is an error.
        if keys.is_empty() {
            return Ok(vec![]);
        }
        let mut commands = pipe();
        commands.cmd("MGET").arg(keys);
        let (values,): (Vec<Option<Vec<u8>>>,) = self.query(&commands).await?;
        Ok(values)
    }

    async fn exchange<T: FromRedisValue + Send>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, CallError> {
        // Whatever state a call leaves it in: the pool tries a connection with
        // a PING before it hands it out again.
        let mut connection = self.connection().await?;
        Ok(commands.query_async(&mut connection).await?)
    }

    /// A web server's worker runs its own runtime, which ends before the sends
    /// do. A connection opened there would die with it, or wait for it while
    /// it computes: so all are opened at home.
    async fn connection(&self) -> Result<Connection, CallError> {
        let Some(home) = &self.home else { return Ok(self.pool.get().await?) };
        let pool = self.pool.clone();
        Ok(home.spawn(async move { pool.get().await }).await??)
    }
}

#[async_trait]
impl DeliveryCache for RedisDeliveryCache {
    async fn record(&self, receipt: &Receipt) -> Result<(), CacheError> {
        let commands = record(receipt).map_err(CallError::from)?;
        Ok(self.query(&commands).await?)
    }

    async fn lookup(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        let keys = ids.iter().copied().map(entry::delivery_key).collect();
        let values = self.get(keys).await?;
        let entries = ids.iter().zip(values).filter_map(|(id, value)| {
            let delivery = entry::read_delivery(&value?)?;
            Some((*id, delivery))
        });
        Ok(entries.collect())
    }

    async fn receipts(
        &self,
        keys: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        let values = self.get(keys.iter().map(entry::receipt_key).collect()).await?;
        let found = keys.iter().zip(values);
        Ok(found.filter_map(|(key, value)| Some((key.clone(), receipts::read(&value?)?))).collect())
    }

    async fn restore(&self, deliveries: &[MissingDelivery]) -> Result<(), CacheError> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let mut commands = pipe();
        for MissingDelivery { id, delivery, left } in deliveries {
            let key = entry::delivery_key(*id);
            let value = entry::delivery(delivery).map_err(CallError::from)?;
            let lifetime = left.as_secs().max(1);
            commands.cmd("SET").arg(key).arg(value).arg("EX").arg(lifetime).arg("NX").ignore();
        }
        Ok(self.query(&commands).await?)
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        // PING would be answered by a replica that takes nothing, and by a
        // server that is full. XX: only where there is such a key, and there
        // never is one. Who may write our keys may do this as well.
        let mut commands = pipe();
        commands.cmd("SET").arg(entry::PROBE).arg("").arg("XX").arg("EX").arg(1).ignore();
        self.query::<()>(&commands).await?;
        Ok(CacheReach::Shared)
    }
}

impl ConnectionPool for RedisDeliveryCache {
    fn usage(&self) -> PoolUsage {
        let status = self.pool.status();
        PoolUsage::of(status.max_size, status.size, status.available, status.waiting)
    }
}

/// Both keys in one go. An acceptance without an id of the provider leaves
/// nothing to display; then an older entry has to go, because it belongs to
/// another message that once had this row id.
fn record(receipt: &Receipt) -> serde_json::Result<Pipeline> {
    let mut commands = pipe();
    let mut set = |key: String, value: String, lifetime: u64| {
        commands.cmd("SET").arg(key).arg(value).arg("EX").arg(lifetime).ignore();
    };
    set(entry::receipt_key(&receipt.key), entry::receipt(receipt)?, entry::RECEIPT_LIFETIME);
    let key = entry::delivery_key(receipt.id);
    match &receipt.provider_message_id {
        Some(id) => {
            let shown = CachedDelivery {
                provider_message_id: id.as_str().to_owned(),
                cached_at: receipt.accepted_at,
            };
            set(key, entry::delivery(&shown)?, entry::DELIVERY_LIFETIME);
        }
        None => drop(commands.cmd("DEL").arg(key).ignore()),
    }
    Ok(commands)
}

impl fmt::Debug for RedisDeliveryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisDeliveryCache").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
