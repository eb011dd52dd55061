//! What happened, for whoever reads a violation.

use crate::schedule::ReplicaId;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// A line for each turn; kept only when somebody will read it.
#[derive(Clone)]
pub(crate) struct History(Option<Arc<Mutex<Vec<String>>>>);

impl History {
    pub(crate) fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    pub(crate) fn not_kept() -> Self {
        Self(None)
    }

    pub(crate) fn note(&self, now: Duration, who: Option<ReplicaId>, what: &str) {
        self.tell(|| {
            let who = who.map_or_else(|| "-".to_owned(), |who| format!("r{who}"));
            format!("{:9.3} s {who:>4} {what}", now.as_secs_f64())
        });
    }

    /// Writes a line that is costly to make.
    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.0 {
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line());
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.0.as_ref();
        lines
            .map(|it| it.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .unwrap_or_default()
    }
}
