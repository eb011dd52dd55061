//! A database server of a stage's own, which crashes and comes back.

use super::{
    LIMIT, migrate,
    sql::{Row, Sql},
    store::Store,
};
use dispatcher_testkit::{PrivatePostgres, wait_until};
use std::net::SocketAddr;
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls};

/// A server that keeps what it confirmed, and can be stopped as by a crash.
pub struct Crashable {
    pub postgres: PrivatePostgres,
    sql: Reconnecting,
}

/// A connection that is made anew when the server has been away.
pub struct Reconnecting {
    url: String,
    client: Mutex<Option<Client>>,
}

impl Store for Crashable {
    type Sql = Reconnecting;
    const PROCESSES: usize = usize::MAX;
    const KILLS: usize = usize::MAX;

    async fn make() -> Self {
        let postgres = PrivatePostgres::start_durable().await.expect("a database server");
        migrate(postgres.parts().clone()).await.expect("the migrations");
        let sql = Reconnecting::to(postgres.url());
        Self { postgres, sql }
    }

    fn sql(&self) -> &Self::Sql {
        &self.sql
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("DATABASE_URL", self.postgres.url())]
    }

    fn server(&self) -> Option<SocketAddr> {
        Some(SocketAddr::from(([127, 0, 0, 1], self.postgres.parts().port)))
    }
}

impl Reconnecting {
    /// To the server at this URL; of several, to the one that it asks for.
    pub fn to(url: String) -> Self {
        Self { url, client: Mutex::default() }
    }

    /// Asks on the connection that there is, or on a new one.
    async fn with<T>(&self, ask: impl AsyncFn(&Client) -> Result<T, tokio_postgres::Error>) -> T {
        let mut client = self.client.lock().await;
        let mut answer = None;
        wait_until("the database answers", LIMIT, async || {
            if client.as_ref().is_none_or(Client::is_closed) {
                *client = self.connect().await;
            }
            let Some(connected) = client.as_ref() else { return false };
            match ask(connected).await {
                Ok(given) => answer = Some(given),
                // It went away, or is not quite there yet.
                Err(error) if connected.is_closed() || error.is_closed() => *client = None,
                Err(error) => panic!("{error:?}"),
            }
            answer.is_some()
        })
        .await;
        answer.expect("an answer")
    }

    async fn connect(&self) -> Option<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.ok()?;
        tokio::spawn(connection);
        Some(client)
    }
}

/// What is asked for more than once has the same effect as when asked for once,
/// or is asked for while the server is well: see the campaigns.
impl Sql for Reconnecting {
    const NOW: &str = Client::NOW;

    fn micros(time: &str) -> String {
        Client::micros(time)
    }

    fn after(time: &str, seconds: &str) -> String {
        Client::after(time, seconds)
    }

    async fn rows(&self, sql: &str) -> Vec<Row> {
        let messages = self.with(async |client| client.simple_query(sql).await).await;
        super::sql::rows_of(messages)
    }

    async fn run(&self, sql: &str) {
        self.with(async |client| client.batch_execute(sql).await).await;
    }
}
