//! What happened, in its order.

use dispatcher_domain::{
    Completion,
    ports::{MessageRepo, MockMessageRepo},
};
use dispatcher_memory::MemoryStore;
use futures_util::FutureExt;
use std::sync::{Arc, Mutex};

/// Written by stores and gateways, read by tests; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Journal {
    lines: Arc<Mutex<Vec<String>>>,
    completions: Arc<Mutex<Vec<Completion>>>,
}

impl Journal {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// How often something of this kind happened.
    pub(crate) fn count(&self, word: &str) -> usize {
        self.lines().iter().filter(|line| line.split(' ').next() == Some(word)).count()
    }

    /// What was recorded, in its order.
    pub(crate) fn completions(&self) -> Vec<Completion> {
        self.completions.lock().unwrap().clone()
    }

    /// Has `repo` do what `store` does, and notes it. What a test expected of
    /// `repo` before goes first.
    pub(crate) fn watch(&self, repo: &mut MockMessageRepo, store: &MemoryStore) {
        let (journal, to) = (self.clone(), store.clone());
        repo.expect_claim_due().returning(move |request| {
            journal.note("claim");
            at_once(to.claim_due(request))
        });
        let (journal, to) = (self.clone(), store.clone());
        repo.expect_record_outcome().returning(move |id, lease, completion| {
            journal.note(format!("record {id}"));
            journal.completions.lock().unwrap().push(completion.clone());
            at_once(to.record_outcome(id, lease, completion))
        });
        let (journal, to) = (self.clone(), store.clone());
        repo.expect_release().returning(move |id, lease| {
            journal.note(format!("release {id}"));
            at_once(to.release(id, lease))
        });
        let (journal, to) = (self.clone(), store.clone());
        repo.expect_release_claim().returning(move |token| {
            journal.note(format!("release_claim {token}"));
            at_once(to.release_claim(token))
        });
    }
}

/// Mocks cannot wait, and need not: the memory store never does.
fn at_once<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("the memory store answers at once")
}
