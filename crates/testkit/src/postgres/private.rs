//! A PostgreSQL server for one test that wants to kill it.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Durability, PostgresParts, PostgresServer};
use crate::blocking;
use crate::tls::Identity;

/// A server of one's own, which ends when this is dropped or the test is killed.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use dispatcher_testkit::PrivatePostgres;
///
/// let postgres = PrivatePostgres::start().await?;
/// // … connect to postgres.url() …
/// postgres.stop_immediate().await?;
/// // … see how the program copes …
/// postgres.start_again().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PrivatePostgres {
    server: Arc<Mutex<PostgresServer>>,
    parts: PostgresParts,
}

impl PrivatePostgres {
    /// Makes a server that does not write through to the disk.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::start`].
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(|| PostgresServer::start(Durability::Throwaway)).await
    }

    /// The same with TLS, for clients that ask for it.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::start`].
    pub async fn start_with_tls(identity: Identity) -> anyhow::Result<Self> {
        let start = move || PostgresServer::start_with_tls(Durability::Throwaway, &identity);
        Self::start_with(start).await
    }

    /// Makes a server that keeps what it confirmed even when it is stopped at once.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::start`].
    pub async fn start_durable() -> anyhow::Result<Self> {
        Self::start_with(|| PostgresServer::start(Durability::Durable)).await
    }

    /// Makes a standby of the server at `primary`.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::standby_of`].
    pub async fn standby_of(primary: &PostgresParts) -> anyhow::Result<Self> {
        let primary = primary.clone();
        Self::start_with(move || PostgresServer::standby_of(&primary)).await
    }

    async fn start_with(
        start: impl FnOnce() -> anyhow::Result<PostgresServer> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let server = blocking::run(start).await?;
        let parts = server.parts().clone();
        Ok(Self { server: Arc::new(Mutex::new(server)), parts })
    }

    /// URL of its database `postgres`.
    pub fn url(&self) -> String {
        self.parts.url()
    }

    /// The same in pieces.
    pub fn parts(&self) -> &PostgresParts {
        &self.parts
    }

    /// Stops it as a crash would; returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is stopped already.
    pub async fn stop_immediate(&self) -> anyhow::Result<()> {
        self.with_server(PostgresServer::stop_immediate).await
    }

    /// Starts it again on the same port, with the same data; returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// When it is running already, or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        self.with_server(PostgresServer::start_again).await
    }

    /// Starts it, after it was stopped, as a standby of the server at `primary`, with a copy of the data there.
    ///
    /// # Errors
    ///
    /// As [`PostgresServer::follow`].
    pub async fn follow(&self, primary: &PostgresParts) -> anyhow::Result<()> {
        let primary = primary.clone();
        self.with_server(move |server| server.follow(&primary)).await
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.server.lock().unwrap_or_else(PoisonError::into_inner).is_running()
    }

    /// Puts another certificate in the place of the one it was started with; the server shows it after
    /// `SELECT pg_reload_conf()`.
    ///
    /// # Errors
    ///
    /// When the server does without TLS, or nothing can be written.
    pub async fn renew(&self, identity: Identity) -> anyhow::Result<()> {
        self.with_server(move |server| server.renew(&identity)).await
    }

    async fn with_server(
        &self,
        action: impl FnOnce(&mut PostgresServer) -> anyhow::Result<()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let server = Arc::clone(&self.server);
        blocking::run(move || action(&mut server.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
    }
}
