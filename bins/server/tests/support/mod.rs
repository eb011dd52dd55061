//! The real programs on real servers: a database, a provider, replicas.
#![allow(dead_code)] // Each test binary uses its part.

pub(crate) mod case;
pub(crate) mod chance;
pub(crate) mod fleet;
pub(crate) mod leases;
pub(crate) mod load;
pub(crate) mod oracle;
pub(crate) mod order;
pub(crate) mod pooled;
pub(crate) mod private;
pub(crate) mod program;
pub(crate) mod redis_world;
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
use std::{process::Command, process::ExitStatus, time::Duration};
use tokio_postgres::Client;

/// Longer than anything here takes, on the slowest machine; only a hang reaches
/// it. Longer than every time-out of the usual environment, too.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// A migrated database and a provider: what replicas work on.
pub(crate) struct Stage {
    pub(crate) database: TestDatabase,
    pub(crate) provider: MockProvider,
    pub(crate) sql: Client,
}

impl Stage {
    /// With a provider that behaves as `config` says.
    pub(crate) async fn set(config: Config) -> Self {
        let database = migrated().await;
        let sql = database.client().await.expect("a client");
        let provider = MockProvider::start(config).await.expect("a provider");
        Self { database, provider, sql }
    }

    /// The environment of a replica on this stage.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        environment(self.database.parts(), &self.provider.send_url())
    }

    /// A replica with these settings beside the usual ones, listening.
    pub(crate) async fn replica(&self, settings: &[(&str, &str)]) -> Replica {
        Replica::start(self.environment(), settings).await
    }

    /// Writes `count` messages by SQL, as any program may, numbered from
    /// `first` in their text.
    pub(crate) async fn insert(&self, first: i32, count: i32) {
        let sql = "INSERT INTO messages (phone_number, content) \
                   SELECT '+90555' || lpad(n::text, 7, '0'), 'message ' || n \
                   FROM generate_series($1::int, $1::int + $2::int - 1) AS n ORDER BY n";
        self.sql.execute(sql, &[&first, &count]).await.expect("an insert");
    }

    /// How many messages have `status`.
    pub(crate) async fn count(&self, status: &str) -> i64 {
        let sql = "SELECT count(*) FROM messages WHERE status = $1";
        self.sql.query_one(sql, &[&status]).await.expect("a count").get(0)
    }

    /// Status and reason of message `id`.
    pub(crate) async fn status(&self, id: i64) -> (String, Option<String>) {
        let sql = "SELECT status, status_reason FROM messages WHERE id = $1";
        let row = self.sql.query_one(sql, &[&id]).await.expect("a row");
        (row.get(0), row.get(1))
    }
}

/// The usual environment: this database, this provider, a quick pace, no Redis.
/// And patience: where a machine that stalls for some seconds makes a time-out
/// of an answer, a test is about the machine.
pub(crate) fn environment(database: &PostgresParts, send_url: &str) -> Vec<(String, String)> {
    let pairs = [
        ("DATABASE_URL", database.url()),
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
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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
        wait_until(&what, LIMIT, async || self.log().matches(text).count() >= times).await;
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
