//! A provider that runs in the background of a test or a process.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    Arrival, Config, LedgerEntry, Script, http,
    state::{Progress, State},
};

/// A running provider. It stops when it is dropped, or earlier with [`stop`](Self::stop).
pub struct MockProvider {
    addr: SocketAddr,
    state: Arc<State>,
    running: Mutex<Option<Running>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl MockProvider {
    /// Listens and serves in the background of the present tokio runtime. When this returns, clients can connect.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the ledger file cannot be read, is in use or holds a line that is
    /// no entry.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let (host, port) = (config.host.clone(), config.port);
        let state = Arc::new(State::new(config)?);
        let about = || format!("cannot listen on {host}, port {port}");
        let listener = TcpListener::bind((host.as_str(), port)).await.with_context(about)?;
        let addr = listener.local_addr().with_context(about)?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(http::serve(listener, Arc::clone(&state), stopped));
        Ok(Self { addr, state, running: Mutex::new(Some(Running { stop, server })) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its address for clients: `http://127.0.0.1:PORT/send`.
    #[must_use]
    pub fn send_url(&self) -> String {
        self.url("/send")
    }

    /// Where clients ask for a message; `{key}` stands for its idempotency key.
    #[must_use]
    pub fn look_up_url(&self) -> String {
        self.url("/messages/{key}")
    }

    /// The address of another of its paths, such as `/health`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// What it has accepted, in order of acceptance; with a ledger file also what earlier runs have.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.state.books().ledger.entries().to_vec()
    }

    /// Every `POST /send` that has arrived since the start, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Arrival> {
        self.state.books().arrivals.clone()
    }

    /// Replaces the behaviour. The new script starts at its first step; POSTs whose fate is decided keep theirs.
    pub fn script(&self, script: Script) {
        self.state.play(script);
    }

    /// Waits until the fate of `n` POSTs since the start is decided, and gives all that have arrived. Decided means
    /// accepted or not, which comes before any latency and before a hang.
    ///
    /// # Errors
    /// When fewer come within `limit`; the error says how many.
    pub async fn wait_for_requests(
        &self,
        n: usize,
        limit: Duration,
    ) -> anyhow::Result<Vec<Arrival>> {
        self.wait("POSTs", n, limit, |progress| progress.judged).await?;
        Ok(self.requests())
    }

    /// Waits until the ledger has at least `n` entries, and gives all of them.
    ///
    /// # Errors
    /// When it has fewer after `limit`; the error says how many.
    pub async fn wait_for_accepted(
        &self,
        n: usize,
        limit: Duration,
    ) -> anyhow::Result<Vec<LedgerEntry>> {
        self.wait("accepted messages", n, limit, |progress| progress.accepted).await?;
        Ok(self.ledger())
    }

    async fn wait(
        &self,
        what: &str,
        n: usize,
        limit: Duration,
        count: fn(&Progress) -> usize,
    ) -> anyhow::Result<()> {
        let mut progress = self.state.progress();
        let enough = progress.wait_for(|progress| count(progress) >= n);
        if timeout(limit, enough).await.is_err() {
            let have = count(&self.state.progress().borrow());
            bail!("waited {limit:?} for {n} {what}, and there are {have}");
        }
        Ok(())
    }

    /// Closes the port and all connections, and lets go of the ledger file. From the moment of the call nothing more
    /// is accepted; when it returns, connecting is refused. What was accepted stays to be looked at. A second call
    /// does nothing.
    pub async fn stop(&self) {
        self.state.close();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { stop, server }) = running {
            // The server may be gone with its runtime already.
            let _ = stop.send(());
            let _ = server.await;
        }
    }
}

impl Drop for MockProvider {
    fn drop(&mut self) {
        self.state.close();
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.server.abort();
        }
    }
}
