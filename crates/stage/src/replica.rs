//! The service as a process.

use crate::{LIMIT, footprint::Footprint, program::server};
use dispatcher_testkit::{
    exposition::Exposition,
    process::{Program, Signal, Stream, clear_environment},
    wait_until,
};
use std::{
    path::Path,
    process::{Command, ExitStatus},
    time::Duration,
};

/// A running `message-dispatcher-server`; killed when dropped.
pub struct Replica {
    pub program: Program,
    pub base: String,
    http: reqwest::Client,
}

impl Replica {
    /// Starts one and waits until it listens.
    pub async fn start(environment: Vec<(String, String)>, settings: &[(&str, &str)]) -> Self {
        Self::listening(spawn(environment, settings)).await
    }

    /// Waits until this one answers where it was told to listen.
    pub async fn at(program: Program, base: String) -> Self {
        let http = http_client();
        wait_until("it listens", LIMIT, async || {
            http.get(format!("{base}/livez")).send().await.is_ok()
        })
        .await;
        Self { program, base, http }
    }

    /// Waits until this one listens.
    pub async fn listening(program: Program) -> Self {
        let line = program.wait_for_line("\"listening\"", LIMIT).await;
        let line = line
            .unwrap_or_else(|error| panic!("{error:#}\n{}", program.lines(Stream::Err).join("\n")));
        let line: serde_json::Value = serde_json::from_str(&line).expect("a JSON line");
        let address = line["address"].as_str().expect("an address");
        Self { program, base: format!("http://{address}"), http: http_client() }
    }

    /// GETs a path: status and JSON.
    pub async fn get(&self, path: &str) -> (u16, serde_json::Value) {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// `/health`, once it answers 200, and tells how sending goes: a check that
    /// waited for more than a second counts as failed, which a busy machine may
    /// bring about.
    pub async fn health(&self) -> serde_json::Value {
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
    pub async fn until_logged(&self, text: &str, times: usize) {
        let what = format!("{text:?} is logged {times} times");
        let logged = async || self.log().matches(text).count() >= times;
        // It gives up a little earlier, to show what was logged instead.
        let waited = tokio::time::timeout(LIMIT * 9 / 10, wait_until(&what, LIMIT, logged)).await;
        waited.unwrap_or_else(|_| panic!("waited in vain until {what}:\n{}", self.log()));
    }

    /// GETs a path: status and text.
    pub async fn text(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// POSTs JSON to a path: status and JSON.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Starts or stops sending on all replicas; the header X-In-Flight, if any.
    pub async fn messaging(&self, verb: &str) -> Option<u64> {
        let request = self.http.post(format!("{}/api/messaging/{verb}", self.base));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer
            .headers()
            .get("x-in-flight")
            .map(|value| value.to_str().expect("text").parse().expect("a number"))
    }

    /// Everything it logged.
    pub fn log(&self) -> String {
        self.program.lines(Stream::Err).join("\n")
    }

    /// What it takes of its machine; `None` where nobody tells.
    pub fn footprint(&self) -> Option<Footprint> {
        Footprint::of(self.program.pid())
    }

    /// Asks it to stop and waits for its end.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.program.signal(Signal::Terminate).expect("a signal");
        self.program.wait_for_exit(LIMIT).await.expect("an end")
    }

    /// Ends it without a chance to do anything.
    pub async fn kill(mut self) {
        self.program.signal(Signal::Kill).expect("a signal");
        self.program.wait_for_exit(LIMIT).await.expect("an end");
    }

    /// Sends it a signal that asks it to end.
    pub fn ask_to_stop(&mut self, signal: Signal) {
        self.program.signal(signal).expect("a signal");
    }

    /// Waits until it says that it begins nothing more.
    pub async fn until_stopping(&self) {
        self.program.wait_for_line("stopping: no new sends", LIMIT).await.expect("it stops");
    }

    /// Waits, at most `limit`, for its end; its exit code, if it ended by itself.
    pub async fn exit_code(&mut self, limit: Duration) -> Option<i32> {
        self.program.wait_for_exit(limit).await.expect("an end").code()
    }

    /// The figures of `/metrics`.
    pub async fn metrics(&self) -> Exposition {
        let (status, text) = self.text("/metrics").await;
        assert_eq!(status, 200);
        Exposition::read(&text).unwrap_or_else(|error| panic!("{error:#}\n{text}"))
    }

    /// The first figures that are so.
    pub async fn until_metrics(&self, what: &str, are: impl Fn(&Exposition) -> bool) -> Exposition {
        let mut read = Exposition::default();
        wait_until(what, LIMIT, async || {
            read = self.metrics().await;
            are(&read)
        })
        .await;
        read
    }
}

/// Starts the server with exactly these variables.
pub fn spawn(environment: Vec<(String, String)>, settings: &[(&str, &str)]) -> Program {
    spawn_program(&server(), environment, settings)
}

/// Starts a server that may be of another version.
pub fn spawn_program(
    program: &Path,
    environment: Vec<(String, String)>,
    settings: &[(&str, &str)],
) -> Program {
    let mut command = Command::new(program);
    // Nothing of the developer's own environment, no `.env` of a folder.
    clear_environment(&mut command).current_dir(std::env::temp_dir());
    command.envs(environment).envs(settings.iter().copied());
    Program::spawn(&mut command).expect("the server starts")
}

/// A client may open a connection and then use another one that became free
/// first. The server says 408 on one that asks nothing for so long, and whoever
/// uses it then hears that instead of an answer.
const IDLE: Duration = Duration::from_secs(2);

/// A client that asks no proxy.
pub fn http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(LIMIT);
    client.pool_idle_timeout(IDLE).build().expect("a client")
}
