//! Runs blocking work (starting and stopping servers) beside the async tests.

use anyhow::Context;

/// Runs `work` on a thread where blocking is allowed: a test on a single-threaded runtime may have its own
/// fake provider running there, which must go on answering.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await.context("a blocking task panicked")?
}
