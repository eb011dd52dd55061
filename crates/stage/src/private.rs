//! A stage whose database can be stopped and started again.

use super::{LIMIT, Replica, environment, migrate, oracle::Books};
use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_testkit::{PrivatePostgres, wait_until};
use tokio_postgres::{Client, NoTls};

/// A database server of its own, which keeps what it confirmed, and a provider.
pub struct PrivateStage {
    pub postgres: PrivatePostgres,
    pub provider: MockProvider,
}

impl PrivateStage {
    /// Without tables.
    pub async fn bare(config: Config) -> Self {
        let postgres = PrivatePostgres::start_durable().await.expect("a database server");
        let provider = MockProvider::start(config).await.expect("a provider");
        Self { postgres, provider }
    }

    /// With tables.
    pub async fn migrated(config: Config) -> Self {
        let stage = Self::bare(config).await;
        migrate(stage.postgres.parts().clone()).await.expect("the migrations");
        stage
    }

    /// The environment of a replica on this stage.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.postgres.parts(), &self.provider.send_url())
    }

    /// A replica with these settings beside the usual ones, listening.
    pub async fn replica(&self, settings: &[(&str, &str)]) -> Replica {
        Replica::start(self.environment(), settings).await
    }

    /// A connection, good until the next stop.
    pub async fn sql(&self) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.postgres.url(), NoTls).await.expect("a connection");
        tokio::spawn(connection);
        client
    }

    /// Writes so many messages.
    pub async fn insert(&self, count: i32) {
        let sql = "INSERT INTO messages (phone_number, content) \
                   SELECT '+90555' || lpad(n::text, 7, '0'), 'message ' || n \
                   FROM generate_series(1, $1::int) AS n ORDER BY n";
        self.sql().await.execute(sql, &[&count]).await.expect("an insert");
    }

    /// Stops the database as a crash would.
    pub async fn stop(&self) {
        self.postgres.stop_immediate().await.expect("it stops");
    }

    /// Starts the database again.
    pub async fn start_again(&self) {
        self.postgres.start_again().await.expect("it starts again");
    }

    /// The books, once all `stored` messages are sent: each once, at the first
    /// POST.
    pub async fn all_are_sent_once(&self, stored: usize) -> Books {
        let sql = self.sql().await;
        let left = "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')";
        wait_until("no message is queued or being sent", LIMIT, async || {
            sql.query_one(left, &[]).await.expect("a count").get::<_, i64>(0) == 0
        })
        .await;
        let books = Books::read(&sql, &self.provider).await;
        books.balance(stored);
        assert!(books.unconfirmed().is_empty(), "{:?}", books.unconfirmed());
        assert_eq!(books.arrivals.len(), stored, "POSTs");
        books
    }
}

/// Ends the sessions of a replica that the database no longer lets in, until it
/// has none. A log-in that began before the refusal is seen, and ended, only
/// once it is over; it is by then, since each look at the replica is a log-in
/// of its own.
pub async fn shut_out(sql: &Client, replica: &Replica) {
    let end_sessions = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity \
                        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let mut refused = 0;
    wait_until("nobody is let in any more", LIMIT, async || {
        sql.batch_execute(end_sessions).await.expect("ended");
        refused = if replica.get("/health").await.0 == 503 { refused + 1 } else { 0 };
        refused == 5
    })
    .await;
}
