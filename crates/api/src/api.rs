//! What the routes work with.

use dispatcher_app::{
    CheckHealth, CheckReadiness, CollectMetrics, Decide, Enqueue, Inspect, Operate, SentMessages,
};
use dispatcher_domain::ports::{Clock, Meter};
use std::sync::Arc;
use tokio::runtime::Handle;

/// The use cases behind the routes; shared by all workers.
pub struct Api {
    /// Takes messages in.
    pub enqueue: Arc<Enqueue>,
    /// Looks at messages.
    pub inspect: Arc<Inspect>,
    /// Lists sent messages.
    pub sent_messages: Arc<SentMessages>,
    /// Carries out what operators decide about a message.
    pub decide: Arc<Decide>,
    /// Starts and stops.
    pub operate: Arc<Operate>,
    /// Tells how the service is.
    pub health: Arc<CheckHealth>,
    /// Tells whether this replica should get requests.
    pub readiness: Arc<CheckReadiness>,
    /// Tells the numbers.
    pub metrics: Arc<CollectMetrics>,
    /// Counts requests.
    pub meter: Arc<dyn Meter>,
    /// How long they take.
    pub clock: Arc<dyn Clock>,
    /// Which program this is.
    pub build: BuildInfo,
    /// Where the use cases run.
    ///
    /// Each actix-web worker is a runtime of its own, and a database
    /// connection lives on the runtime that opened it: opened by a worker, it
    /// would be slow while that worker is busy and die with it. So handlers
    /// have their use case run where the dispatcher runs. As a side effect a
    /// client that goes away does not break a transaction off half-way.
    pub runtime: Handle,
}

/// Which program this is.
#[derive(Debug, Clone)]
pub struct BuildInfo {
    /// Semantic version.
    pub version: String,
    /// When it was built, RFC 3339, or `unknown`.
    pub build_time: String,
    /// Of which commit, or `unknown`.
    pub git_commit: String,
}

/// A use case panicked. The panic is in the log; the client learns no more.
#[derive(Debug)]
pub(crate) struct Panicked;

impl Api {
    /// Runs a use case on the main runtime.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        use_case: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Panicked> {
        self.runtime.spawn(use_case).await.map_err(|error| {
            tracing::error!(error = %error, "a use case panicked");
            Panicked
        })
    }
}
