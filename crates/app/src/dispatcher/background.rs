//! Work that no send waits for.

use dispatcher_domain::ports::Clock;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;

/// Tasks that end by themselves.
#[derive(Default)]
pub(super) struct Background(Mutex<JoinSet<()>>);

impl Background {
    /// Adds one.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// How many there are, at most.
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits for all of them, at most `limit`.
    pub(super) async fn settle(&self, clock: &dyn Clock, limit: Duration) {
        let mut tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::select! {
            () = async { while tasks.join_next().await.is_some() {} } => {}
            () = clock.sleep(limit) => {}
        }
    }
}
