//! The real programs on real servers: a database, a provider, replicas.
#![allow(dead_code, unused_imports, unused_macros)] // Each test binary uses its part.

pub(crate) mod case;
pub(crate) mod chance;
pub(crate) mod disk;
pub(crate) mod file;
pub(crate) mod fleet;
pub(crate) mod leases;
pub(crate) mod load;
pub(crate) mod oracle;
pub(crate) mod order;
pub(crate) mod pooled;
pub(crate) mod private;
pub(crate) mod program;
pub(crate) mod redis_world;
pub(crate) mod sql;
pub(crate) mod store;
pub(crate) mod tls;
pub(crate) mod virtual_time;

use anyhow::Context;
use dispatcher_mock_provider::{Config, MockProvider};
use dispatcher_postgres::{PgConfig, migrations};
use dispatcher_testkit::{
    TestDatabase,
    postgres::{PostgresParts, template_name},
    process::{Program, Signal, Stream, clear_environment},
    wait_until,
};
use jiff::Timestamp;
use sql::{Row, Sql, value};
use std::{ops::Deref, process::Command, process::ExitStatus, time::Duration};
use store::{Postgres, Store};

/// Longer than anything here takes, on the slowest machine; only a hang reaches
/// it. Longer than every time-out of the usual environment, too.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// A migrated message store and a provider: what replicas work on. The store's
/// own affairs are the stage's, too.
pub(crate) struct Stage<S = Postgres> {
    pub(crate) store: S,
    pub(crate) provider: MockProvider,
}

impl<S> Deref for Stage<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.store
    }
}

impl Stage {
    /// On PostgreSQL, with a provider that behaves as `config` says.
    pub(crate) async fn set(config: Config) -> Self {
        Self::with(config).await
    }
}

impl<S: Store> Stage<S> {
    /// With a provider that behaves as `config` says.
    pub(crate) async fn with(config: Config) -> Self {
        let provider = MockProvider::start(config).await.expect("a provider");
        Self { store: S::make().await, provider }
    }

    /// The environment of a replica on this stage.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        usual(self.store.variables(), &self.provider.send_url())
    }

    /// A replica with these settings beside the usual ones, listening.
    pub(crate) async fn replica(&self, settings: &[(&str, &str)]) -> Replica {
        Replica::start(self.environment(), settings).await
    }

    /// Asks something in words that both stores know.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Row> {
        self.store.sql().rows(sql).await
    }

    /// Changes something in words that both stores know.
    pub(crate) async fn run(&self, sql: &str) {
        self.store.sql().run(sql).await;
    }

    /// The number that `sql` tells.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        value(self.store.sql(), sql).await.parse().expect("a number")
    }

    /// Whether what `sql` asks is true.
    pub(crate) async fn holds(&self, sql: &str) -> bool {
        ["t", "1"].contains(&value(self.store.sql(), sql).await.as_str())
    }

    /// The store's time.
    pub(crate) async fn now(&self) -> Timestamp {
        let now = self.number(&format!("SELECT {}", S::Sql::micros(S::Sql::NOW))).await;
        Timestamp::from_microsecond(now).expect("a time")
    }

    /// Writes `count` messages by SQL, as any program may, numbered from
    /// `first` in their text.
    pub(crate) async fn insert(&self, first: i32, count: i32) {
        let row = |n| format!("('+90555{n:07}', 'message {n}')");
        self.insert_rows((first..first + count).map(row)).await;
    }

    /// Writes messages, each `('number', 'text')`.
    pub(crate) async fn insert_rows(&self, rows: impl Iterator<Item = String>) {
        let rows: Vec<String> = rows.collect();
        let sql = "INSERT INTO messages (phone_number, content) VALUES";
        self.run(&format!("{sql} {}", rows.join(", "))).await;
    }

    /// How many messages have `status`.
    pub(crate) async fn count(&self, status: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM messages WHERE status = '{status}'")).await
    }

    /// Status and reason of message `id`.
    pub(crate) async fn status(&self, id: i64) -> (String, Option<String>) {
        let sql = format!("SELECT status, status_reason FROM messages WHERE id = {id}");
        let row = &self.rows(&sql).await[0];
        (row.get("status"), row.text("status_reason"))
    }
}

/// The usual environment: this database, this provider, a quick pace, no Redis.
/// And patience: where a machine that stalls for some seconds makes a time-out
/// of an answer, a test is about the machine.
pub(crate) fn environment(database: &PostgresParts, send_url: &str) -> Vec<(String, String)> {
    usual(vec![("DATABASE_URL", database.url())], send_url)
}

fn usual(store: Vec<(&'static str, String)>, send_url: &str) -> Vec<(String, String)> {
    let usual = [
        ("SMS_API_URL", send_url.to_owned()),
        ("SMS_API_TOKEN", "test-token".to_owned()),
        ("SERVER_PORT", "0".to_owned()),
        ("PROCESSING_INTERVAL", "0s".to_owned()),
        // Nothing listens there: the service must do without.
        ("REDIS_URL", "redis://127.0.0.1:1".to_owned()),
        ("LOG_FORMAT", "json".to_owned()),
        ("SEND_TIMEOUT", "50s".to_owned()),
        ("LEASE", "10m".to_owned()),
        ("DB_TIMEOUT", "30s".to_owned()),
        ("REDIS_TIMEOUT", "20s".to_owned()),
        ("SHUTDOWN_TIMEOUT", "2m".to_owned()),
    ];
    let pairs = usual.into_iter().chain(store);
    pairs.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A running `message-dispatcher-server`; killed when dropped.
pub(crate) struct Replica {
    pub(crate) program: Program,
    pub(crate) base: String,
    http: reqwest::Client,
}

impl Replica {
    /// Starts one and waits until it listens.
    pub(crate) async fn start(
        environment: Vec<(String, String)>,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::listening(spawn(environment, settings)).await
    }

    /// Waits until this one answers where it was told to listen.
    pub(crate) async fn at(program: Program, base: String) -> Self {
        let http = http_client();
        wait_until("it listens", LIMIT, async || {
            http.get(format!("{base}/livez")).send().await.is_ok()
        })
        .await;
        Self { program, base, http }
    }

    /// Waits until this one listens.
    pub(crate) async fn listening(program: Program) -> Self {
        let line = program.wait_for_line("\"listening\"", LIMIT).await;
        let line = line
            .unwrap_or_else(|error| panic!("{error:#}\n{}", program.lines(Stream::Err).join("\n")));
        let line: serde_json::Value = serde_json::from_str(&line).expect("a JSON line");
        let address = line["address"].as_str().expect("an address");
        Self { program, base: format!("http://{address}"), http: http_client() }
    }

    /// GETs a path: status and JSON.
    pub(crate) async fn get(&self, path: &str) -> (u16, serde_json::Value) {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// `/health`, once it answers 200, and tells how sending goes: a check that
    /// waited for more than a second counts as failed, which a busy machine may
    /// bring about.
    pub(crate) async fn health(&self) -> serde_json::Value {
        let mut health = serde_json::Value::Null;
        wait_until("/health is 200", LIMIT, async || {
            let (status, told) = self.get("/health").await;
            health = told;
            status == 200
        })
        .await;
        health
    }

    /// Waits until it has logged this often, or more often, what contains `text`.
    pub(crate) async fn until_logged(&self, text: &str, times: usize) {
        let what = format!("{text:?} is logged {times} times");
        let logged = async || self.log().matches(text).count() >= times;
        // It gives up a little earlier, to show what was logged instead.
        let waited = tokio::time::timeout(LIMIT * 9 / 10, wait_until(&what, LIMIT, logged)).await;
        waited.unwrap_or_else(|_| panic!("waited in vain until {what}:\n{}", self.log()));
    }

    /// GETs a path: status and text.
    pub(crate) async fn text(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// POSTs JSON to a path: status and JSON.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> (u16, serde_json::Value) {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Starts or stops sending on all replicas; the header X-In-Flight, if any.
    pub(crate) async fn messaging(&self, verb: &str) -> Option<u64> {
        let request = self.http.post(format!("{}/api/messaging/{verb}", self.base));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer
            .headers()
            .get("x-in-flight")
            .map(|value| value.to_str().expect("text").parse().expect("a number"))
    }

    /// Everything it logged.
    pub(crate) fn log(&self) -> String {
        self.program.lines(Stream::Err).join("\n")
    }

    /// Asks it to stop and waits for its end.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        self.program.signal(Signal::Terminate).expect("a signal");
        self.program.wait_for_exit(LIMIT).await.expect("an end")
    }

    /// Ends it without a chance to do anything.
    pub(crate) async fn kill(mut self) {
        self.program.signal(Signal::Kill).expect("a signal");
        self.program.wait_for_exit(LIMIT).await.expect("an end");
    }
}

/// Starts the program with exactly these variables.
pub(crate) fn spawn(environment: Vec<(String, String)>, settings: &[(&str, &str)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-server"));
    // Nothing of the developer's own environment, no `.env` of a folder.
    clear_environment(&mut command).current_dir(std::env::temp_dir());
    command.envs(environment).envs(settings.iter().copied());
    Program::spawn(&mut command).expect("the server starts")
}

/// A migrated database of its own.
pub(crate) async fn migrated() -> TestDatabase {
    let name = template_name("server", migrations::scripts());
    TestDatabase::from_template(&name, migrate).await.expect("a test database")
}

pub(crate) async fn migrate(parts: PostgresParts) -> anyhow::Result<()> {
    let config =
        PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password);
    migrations::migrate(&config, LIMIT).await.context("the migrations")?;
    Ok(())
}

/// A client that asks no proxy.
pub(crate) fn http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(LIMIT).build().expect("a client")
}
