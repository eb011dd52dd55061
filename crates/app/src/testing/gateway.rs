//! Providers that do as they are told.

use super::{Journal, accepted};
use async_trait::async_trait;
use dispatcher_domain::{ClaimedMessage, SendOutcome, ports::SmsGateway};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{Semaphore, watch};

/// The longest that a send takes.
const DEADLINE: Duration = Duration::from_secs(10);

/// How a scripted gateway takes one send.
pub(crate) enum Answer {
    Is(SendOutcome),
    Panic,
    Hang,
}

/// Answers from a script; past its end it accepts.
pub(crate) struct ScriptedGateway {
    script: Mutex<VecDeque<Answer>>,
    journal: Journal,
}

impl ScriptedGateway {
    pub(crate) fn new(journal: &Journal, script: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        let script = Mutex::new(script.into_iter().collect());
        Arc::new(Self { script, journal: journal.clone() })
    }

    pub(crate) fn answering(
        journal: &Journal,
        script: impl IntoIterator<Item = SendOutcome>,
    ) -> Arc<Self> {
        Self::new(journal, script.into_iter().map(Answer::Is))
    }
}

#[async_trait]
impl SmsGateway for ScriptedGateway {
    async fn send(&self, message: &ClaimedMessage) -> SendOutcome {
        self.journal.note(format!("post {}", message.id));
        let answer = self.script.lock().unwrap().pop_front();
        match answer {
            None => accepted(),
            Some(Answer::Is(outcome)) => outcome,
            Some(Answer::Panic) => panic!("the script says so"),
            Some(Answer::Hang) => std::future::pending().await,
        }
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }
}

/// Ends every send alike, but only once it is released.
pub(crate) struct BlockingGateway {
    outcome: SendOutcome,
    releases: Semaphore,
    seen: watch::Sender<Seen>,
}

/// Sends: so far, now, and most at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) begun: usize,
    pub(crate) in_flight: usize,
    pub(crate) most: usize,
}

impl BlockingGateway {
    /// Accepts, in the end.
    pub(crate) fn new() -> Arc<Self> {
        Self::answering(accepted())
    }

    pub(crate) fn answering(outcome: SendOutcome) -> Arc<Self> {
        Arc::new(Self { outcome, releases: Semaphore::new(0), seen: watch::Sender::default() })
    }

    /// Lets `count` sends end, those to come included.
    pub(crate) fn release(&self, count: usize) {
        self.releases.add_permits(count);
    }

    /// Returns once so many sends have begun.
    pub(crate) async fn begun(&self, count: usize) {
        let enough = |seen: &Seen| seen.begun >= count;
        super::within("so many sends", self.seen.subscribe().wait_for(enough)).await.unwrap();
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.borrow()
    }
}

#[async_trait]
impl SmsGateway for BlockingGateway {
    async fn send(&self, _: &ClaimedMessage) -> SendOutcome {
        self.seen.send_modify(|seen| {
            seen.begun += 1;
            seen.in_flight += 1;
            seen.most = seen.most.max(seen.in_flight);
        });
        self.releases.acquire().await.expect("never closed").forget();
        self.seen.send_modify(|seen| seen.in_flight -= 1);
        self.outcome.clone()
    }

    fn deadline(&self) -> Duration {
        DEADLINE
    }
}
