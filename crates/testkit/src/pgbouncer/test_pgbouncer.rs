//! The PgBouncer of one test.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;

use super::{PgBouncer, Pooling};
use crate::blocking;
use crate::postgres::{PostgresParts, connect};

/// A pooler in transaction mode for one test, which ends when this is dropped or the test is killed.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use dispatcher_testkit::{TestDatabase, TestPgBouncer};
///
/// let database = TestDatabase::create().await?;
/// let pooler = TestPgBouncer::start(database.parts()).await?;
/// // … connect to pooler.parts() …
/// pooler.command("PAUSE").await?;
/// // … see how the program copes …
/// pooler.command("RESUME").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestPgBouncer {
    pooler: Arc<Mutex<PgBouncer>>,
    parts: PostgresParts,
}

impl TestPgBouncer {
    /// Starts one in front of `server`, which pools as [`Pooling::default`].
    ///
    /// # Errors
    ///
    /// When there is no PgBouncer (the error says what to install), or it does not start.
    pub async fn start(server: &PostgresParts) -> anyhow::Result<Self> {
        Self::start_with(server, Pooling::default()).await
    }

    /// The same, but it pools like this.
    ///
    /// # Errors
    ///
    /// As [`TestPgBouncer::start`].
    pub async fn start_with(server: &PostgresParts, pooling: Pooling) -> anyhow::Result<Self> {
        let server = server.clone();
        let pooler = blocking::run(move || PgBouncer::start(&server, pooling)).await?;
        let parts = pooler.parts().clone();
        Ok(Self { pooler: Arc::new(Mutex::new(pooler)), parts })
    }

    /// The way to the database through it; stays the same when it is killed and started again.
    pub fn parts(&self) -> &PostgresParts {
        &self.parts
    }

    /// Kills it (`SIGKILL`); returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is killed already.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.with_pooler(PgBouncer::kill).await
    }

    /// Starts it again on the same port; returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// When it is running already, or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        self.with_pooler(PgBouncer::start_again).await
    }

    /// Gives it a command, as an operator would at its console: `PAUSE`, `RESUME`. Not over TLS.
    ///
    /// # Errors
    ///
    /// When it cannot be reached, or refuses.
    pub async fn command(&self, command: &str) -> anyhow::Result<()> {
        let console = connect(&self.parts.with_dbname("pgbouncer")).await?;
        console.simple_query(command).await.with_context(|| command.to_owned())?;
        Ok(())
    }

    async fn with_pooler(
        &self,
        action: impl FnOnce(&mut PgBouncer) -> anyhow::Result<()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let pooler = Arc::clone(&self.pooler);
        blocking::run(move || action(&mut pooler.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
    }
}
