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

    /// How many have not ended.
    pub(super) fn len(&self) -> usize {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that have ended count until somebody joins them.
        while tasks.try_join_next().is_some() {}
        tasks.len()
    }

    /// Waits for all of them, at most `limit`.
    pub(super) async fn settle(&self, clock: &dyn Clock, limit: Duration) {
        let mut tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::select! {
            biased;
            () = async { while tasks.join_next().await.is_some() {} } => {}
            () = clock.sleep(limit) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_ended_does_not_count() {
        let background = Background::default();
        let (end, ended) = tokio::sync::watch::channel(());
        for _ in 0..3 {
            let mut ended = ended.clone();
            background.spawn(async move { drop(ended.changed().await) });
        }
        assert_eq!(background.len(), 3);
        end.send_replace(());
        drop(ended);
        // Each task holds a receiver until it has ended.
        end.closed().await;
        tokio::task::yield_now().await;
        assert_eq!(background.len(), 0);
    }
}
