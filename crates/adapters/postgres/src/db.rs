//! A connection pool whose every call has a deadline.

use crate::{
    ConfigError, PgConfig,
    driver::{Driver, Warnings},
    error::{TimedOut, pool_failed},
    servers::Servers,
    tls,
    transaction::{Line, Transaction},
};
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use dispatcher_domain::ports::{ConnectionPool, PoolUsage, StoreError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A connection pool; clones share it.
///
/// Connections live on the runtime that first needs them. Call it from one
/// runtime only, or a connection dies with the runtime that opened it.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    timeout: Duration,
    line: Line,
}

impl Db {
    /// A pool that opens its first connection when it is first used, so that a
    /// service can start before its database.
    ///
    /// # Errors
    /// [`ConfigError`]: certificates that cannot be read.
    pub fn connect_lazily(config: &PgConfig) -> Result<Self, ConfigError> {
        // Any recycling method but `Fast` runs statements that a pooler in
        // transaction mode would spread over several sessions.
        let (servers, warnings) = (Servers::of(config), Warnings::default());
        let line = Line { servers: servers.clone(), warnings: warnings.clone() };
        let manager = Manager::from_connect(
            servers.first_config(),
            Driver { servers: servers.clone(), tls: tls::connector(config)?, warnings },
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(config.pool_size)
            .pre_recycle(Hook::sync_fn(move |_, metrics| match servers.trust(metrics.created) {
                true => Ok(()),
                false => Err(HookError::message("another server may take writes by now")),
            }))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(config.timeout))
            .create_timeout(Some(config.timeout))
            .recycle_timeout(Some(config.timeout))
            .build()?;
        Ok(Self { pool, timeout: config.timeout, line })
    }

    /// Begins a transaction. Its deadline starts now.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        let deadline = Instant::now() + self.timeout;
        let connection = self.connection(deadline).await?;
        Transaction::begin(connection, self.line.clone(), deadline, self.timeout).await
    }

    async fn connection(&self, deadline: Instant) -> Result<Object, StoreError> {
        timeout_at(deadline, self.pool.get())
            .await
            .map_err(|_| StoreError::Unavailable(TimedOut(self.timeout).into()))?
            .map_err(|error| pool_failed(error, self.timeout))
    }

    /// Closes all connections; later calls fail.
    pub fn close(&self) {
        self.pool.close();
    }
}

impl ConnectionPool for Db {
    fn usage(&self) -> PoolUsage {
        let status = self.pool.status();
        PoolUsage::of(status.max_size, status.size, status.available, status.waiting)
    }
}
