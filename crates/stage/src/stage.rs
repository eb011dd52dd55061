//! What replicas work on.

use crate::{
    LIMIT, Replica,
    environment::usual,
    sql::{Row, Sql, value},
    store::{Postgres, Store},
};
use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_testkit::wait_until;
use jiff::Timestamp;
use std::ops::Deref;

/// A migrated message store and a provider: what replicas work on. The store's
/// own affairs are the stage's, too.
pub struct Stage<S = Postgres> {
    pub store: S,
    pub provider: MockProvider,
}

impl<S> Deref for Stage<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.store
    }
}

impl Stage {
    /// On PostgreSQL, with a provider that behaves as `config` says.
    pub async fn set(config: Config) -> Self {
        Self::with(config).await
    }

    /// Writes one message, whatever is in it.
    pub async fn write(&self, phone_number: &str, content: &str) {
        let sql = "INSERT INTO messages (phone_number, content) VALUES ($1, $2)";
        self.store.sql.execute(sql, &[&phone_number, &content]).await.expect("an insert");
    }
}

impl<S: Store> Stage<S> {
    /// With a provider that behaves as `config` says.
    pub async fn with(config: Config) -> Self {
        let provider = MockProvider::start(config).await.expect("a provider");
        Self { store: S::make().await, provider }
    }

    /// The environment of a replica on this stage.
    pub fn environment(&self) -> Vec<(String, String)> {
        usual(self.store.variables(), &self.provider.send_url())
    }

    /// A replica with these settings beside the usual ones, listening.
    pub async fn replica(&self, settings: &[(&str, &str)]) -> Replica {
        Replica::start(self.environment(), settings).await
    }

    /// Asks something in words that both stores know.
    pub async fn rows(&self, sql: &str) -> Vec<Row> {
        self.store.sql().rows(sql).await
    }

    /// Changes something in words that both stores know.
    pub async fn run(&self, sql: &str) {
        self.store.sql().run(sql).await;
    }

    /// The number that `sql` tells.
    pub async fn number(&self, sql: &str) -> i64 {
        value(self.store.sql(), sql).await.parse().expect("a number")
    }

    /// Whether what `sql` asks is true.
    pub async fn holds(&self, sql: &str) -> bool {
        ["t", "1"].contains(&value(self.store.sql(), sql).await.as_str())
    }

    /// The store's time.
    pub async fn now(&self) -> Timestamp {
        let now = self.number(&format!("SELECT {}", S::Sql::micros(S::Sql::NOW))).await;
        Timestamp::from_microsecond(now).expect("a time")
    }

    /// Writes `count` messages by SQL, as any program may, numbered from
    /// `first` in their text.
    pub async fn insert(&self, first: i32, count: i32) {
        let row = |n| format!("('+90555{n:07}', 'message {n}')");
        self.insert_rows((first..first + count).map(row)).await;
    }

    /// Writes messages, each `('number', 'text')`.
    pub async fn insert_rows(&self, rows: impl Iterator<Item = String>) {
        let rows: Vec<String> = rows.collect();
        let sql = "INSERT INTO messages (phone_number, content) VALUES";
        self.run(&format!("{sql} {}", rows.join(", "))).await;
    }

    /// How many messages have `status`.
    pub async fn count(&self, status: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM messages WHERE status = '{status}'")).await
    }

    /// Status and reason of message `id`.
    pub async fn status(&self, id: i64) -> (String, Option<String>) {
        let sql = format!("SELECT status, status_reason FROM messages WHERE id = {id}");
        let row = &self.rows(&sql).await[0];
        (row.get("status"), row.text("status_reason"))
    }

    /// Waits until message `id` has this status for this reason.
    pub async fn until(&self, id: i64, status: &str, reason: Option<&str>) {
        let expected = (status.to_owned(), reason.map(str::to_owned));
        let what = format!("message {id} is {expected:?}");
        wait_until(&what, LIMIT, async || self.status(id).await == expected).await;
    }

    /// Waits until what `sql` asks is true.
    pub async fn until_true(&self, what: &str, sql: &str) {
        wait_until(what, LIMIT, async || self.holds(sql).await).await;
    }

    /// How many POSTs arrived and how many messages were accepted.
    pub fn posts(&self) -> (usize, usize) {
        (self.provider.requests().len(), self.provider.ledger().len())
    }
}
