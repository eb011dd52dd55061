//! The one PostgreSQL server all tests of a run share: starting one takes seconds, a database in it
//! milliseconds.

use anyhow::Context;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use super::{Durability, PostgresParts, PostgresServer};
use crate::environment::DATABASE_URL;
use crate::{blocking, find};

/// Never dropped, as statics are not: the server sees the end of this process and ends itself.
static SHARED: OnceCell<TestPostgres> = OnceCell::const_new();

/// The shared server: the one `TEST_DATABASE_URL` names (`cargo xtask test` sets it), else one started for
/// this process by the first test that needs it.
#[derive(Debug)]
pub struct TestPostgres {
    admin: PostgresParts,
    _server: Option<PostgresServer>,
}

impl TestPostgres {
    /// The server, started if need be.
    ///
    /// # Errors
    ///
    /// When there is none and none can be started; the error says what to install.
    pub async fn shared() -> anyhow::Result<&'static Self> {
        SHARED.get_or_try_init(Self::find_or_start).await
    }

    /// The database that administrators connect to, with a user who may create databases.
    pub fn parts(&self) -> &PostgresParts {
        &self.admin
    }

    async fn find_or_start() -> anyhow::Result<Self> {
        if let Some(url) = find::postgres_url() {
            let admin = PostgresParts::parse(&url).context(DATABASE_URL)?;
            return Ok(Self { admin, _server: None });
        }
        let server = blocking::run(|| PostgresServer::start(Durability::Throwaway)).await?;
        Ok(Self { admin: server.parts().clone(), _server: Some(server) })
    }
}

/// Connects, and drives the connection on a task of the current runtime.
pub(crate) async fn connect(parts: &PostgresParts) -> anyhow::Result<Client> {
    let mut config = tokio_postgres::Config::new();
    config.host(&parts.host).port(parts.port).user(&parts.user).dbname(&parts.dbname);
    if !parts.password.is_empty() {
        config.password(&parts.password);
    }
    let connected = config.connect(NoTls).await;
    let (client, connection) = connected.with_context(|| {
        format!("cannot connect to PostgreSQL at {}:{}", parts.host, parts.port)
    })?;
    // Its error is the client's error as well, and tests see that one.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}
