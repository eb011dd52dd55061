//! The Redis server of one test.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};

use super::RedisServer;
use crate::tls::Identity;
use crate::{blocking, find};

/// A Redis for one test, which ends when this is dropped or the test is killed.
///
/// Where no `redis-server` program can be found, the server named by `TEST_REDIS_URL` is used instead. It
/// belongs to others, too: killing or emptying it is an error there, which names what to install.
///
/// ```no_run
/// # async fn example() -> anyhow::Result<()> {
/// use dispatcher_testkit::TestRedis;
///
/// let redis = TestRedis::start().await?;
/// // … use redis.url() …
/// redis.kill().await?;
/// // … see how the program copes …
/// redis.start_again().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestRedis {
    url: String,
    server: Option<Arc<Mutex<RedisServer>>>,
}

impl TestRedis {
    /// Starts a server without a password.
    ///
    /// # Errors
    ///
    /// When there is no Redis (the error says what to install), or it does not start.
    pub async fn start() -> anyhow::Result<Self> {
        match find::redis_url() {
            Some(url) if find::redis().is_none() => Ok(Self { url, server: None }),
            _ => Self::start_own(None).await,
        }
    }

    /// Starts a server that asks for this password, which must need no encoding in URLs.
    ///
    /// # Errors
    ///
    /// When there is no `redis-server` program (the error says what to install), or it does not start.
    pub async fn start_with_password(password: &str) -> anyhow::Result<Self> {
        Self::start_own(Some(password.to_owned())).await
    }

    /// Starts a server that speaks TLS on a second port, and asks for this password, which must need no
    /// encoding in URLs.
    ///
    /// # Errors
    ///
    /// As [`TestRedis::start_with_password`].
    pub async fn start_with_tls(password: &str, identity: Identity) -> anyhow::Result<Self> {
        let password = password.to_owned();
        let start = move || RedisServer::start_with_tls(Some(&password), &identity);
        Ok(Self::own(blocking::run(start).await?))
    }

    async fn start_own(password: Option<String>) -> anyhow::Result<Self> {
        let start = move || RedisServer::start(password.as_deref());
        Ok(Self::own(blocking::run(start).await?))
    }

    fn own(server: RedisServer) -> Self {
        Self { url: server.url(), server: Some(Arc::new(Mutex::new(server))) }
    }

    /// Its URL, with the password if there is one; stays the same when it is killed and started again.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `rediss://` and the way to its port with TLS, by this name of 127.0.0.1; stays the same as well.
    ///
    /// # Errors
    ///
    /// When it does without TLS.
    pub async fn tls_url(&self, host: &str) -> anyhow::Result<String> {
        let host = host.to_owned();
        self.with_server(move |server| server.tls_url(&host).context("this Redis does without TLS"))
            .await
    }

    /// Kills it (`SIGKILL`); returns when it is gone.
    ///
    /// # Errors
    ///
    /// When it is killed already, or not ours.
    pub async fn kill(&self) -> anyhow::Result<()> {
        self.with_server(RedisServer::kill).await
    }

    /// Starts it again on the same port, empty; returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// When it is running already, does not start, or is not ours.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        self.with_server(RedisServer::start_again).await
    }

    /// Freezes it (`SIGSTOP`): connections stay open, and nothing is answered.
    ///
    /// # Errors
    ///
    /// When it is not running, frozen already, or not ours.
    pub async fn freeze(&self) -> anyhow::Result<()> {
        self.with_server(RedisServer::freeze).await
    }

    /// Lets it go on after a freeze.
    ///
    /// # Errors
    ///
    /// When it is not frozen, or not ours.
    pub async fn thaw(&self) -> anyhow::Result<()> {
        self.with_server(RedisServer::thaw).await
    }

    /// Removes all keys.
    ///
    /// # Errors
    ///
    /// When it cannot be reached, or is not ours.
    pub async fn flush(&self) -> anyhow::Result<()> {
        self.command(&["FLUSHALL"]).await.map(drop)
    }

    /// Sends one command, as an operator would with `redis-cli`; gives the reply as text, one line per
    /// element, empty for a missing value.
    ///
    /// # Errors
    ///
    /// When it cannot be reached, answers with an error, or is not ours.
    pub async fn command(&self, command: &[&str]) -> anyhow::Result<String> {
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        self.with_server(move |server| {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            server.command(&words)
        })
        .await
    }

    async fn with_server<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut RedisServer) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let Some(server) = &self.server else {
            bail!(
                "this test needs a Redis of its own, TEST_REDIS_URL is not enough. {}",
                find::REDIS_HELP
            );
        };
        let server = Arc::clone(server);
        blocking::run(move || action(&mut server.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
    }
}
