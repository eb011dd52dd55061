//! Whether this replica should get requests.

use crate::Drain;
use dispatcher_domain::ports::{Clock, DispatchControl};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A probe that waits is no probe.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Whether the store was found ready at the start; clones share it.
#[derive(Clone, Default)]
pub struct StoreReady(Arc<AtomicBool>);

impl StoreReady {
    /// It was: the tables are there, and our pace is installed.
    pub fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_marked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Looks whether this replica should get requests.
pub struct CheckReadiness {
    control: Arc<dyn DispatchControl>,
    clock: Arc<dyn Clock>,
    store_ready: StoreReady,
    drain: Drain,
}

/// Whether this replica should get requests. The delivery cache has no say:
/// everything goes on without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It should.
    Ready,
    /// The store has not been ready yet.
    Starting,
    /// The process ends.
    Draining,
    /// The store does not answer.
    StoreDown,
}

impl Readiness {
    /// A word for the answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Starting => "starting",
            Self::Draining => "draining",
            Self::StoreDown => "database_down",
        }
    }
}

impl CheckReadiness {
    /// Ready once `store_ready` is marked, until `drain` is requested.
    #[must_use]
    pub fn new(
        control: Arc<dyn DispatchControl>,
        clock: Arc<dyn Clock>,
        store_ready: StoreReady,
        drain: Drain,
    ) -> Self {
        Self { control, clock, store_ready, drain }
    }

    /// Looks, and answers within about a second.
    pub async fn run(&self) -> Readiness {
        if self.drain.is_requested() {
            return Readiness::Draining;
        }
        if !self.store_ready.is_marked() {
            return Readiness::Starting;
        }
        let answers = tokio::select! {
            biased;
            answer = self.control.snapshot() => answer.is_ok(),
            () = self.clock.sleep(AT_ONCE) => false,
        };
        if answers { Readiness::Ready } else { Readiness::StoreDown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, seconds, unavailable, within};
    use async_trait::async_trait;
    use dispatcher_domain::{
        DispatchPolicy,
        ports::{ControlSnapshot, MockDispatchControl, StoreError},
    };
    use dispatcher_memory::MemoryStore;
    use jiff::Timestamp;

    fn check(control: impl DispatchControl + 'static) -> (CheckReadiness, crate::DrainSwitch) {
        let (switch, drain) = Drain::new();
        let ready = StoreReady::default();
        ready.mark();
        let clock = ManualClock::new();
        (CheckReadiness::new(Arc::new(control), clock, ready, drain), switch)
    }

    fn store() -> MemoryStore {
        MemoryStore::new(|| Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn each_state_has_a_word() {
        use Readiness::{Draining, Ready, Starting, StoreDown};
        let words = [Ready, Starting, Draining, StoreDown].map(Readiness::as_str);
        assert_eq!(words, ["ready", "starting", "draining", "database_down"]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_ready_while_the_store_answers_and_not_once_it_drains() {
        let (check, switch) = check(store());
        assert_eq!(check.run().await, Readiness::Ready);
        switch.request();
        assert_eq!(check.run().await, Readiness::Draining);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_not_ready_before_the_store_was() {
        let (_switch, drain) = Drain::new();
        let ready = StoreReady::default();
        let check =
            CheckReadiness::new(Arc::new(store()), ManualClock::new(), ready.clone(), drain);
        assert_eq!(check.run().await, Readiness::Starting);
        ready.mark();
        assert_eq!(check.run().await, Readiness::Ready);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_down_makes_it_unready() {
        let mut control = MockDispatchControl::new();
        control.expect_snapshot().returning(|| Err(unavailable()));
        assert_eq!(check(control).0.run().await, Readiness::StoreDown);
    }

    /// Never answers anything.
    struct Hanging;

    #[async_trait]
    impl DispatchControl for Hanging {
        async fn set_enabled(&self, _: bool) -> Result<bool, StoreError> {
            std::future::pending().await
        }

        async fn install_policy(&self, _: DispatchPolicy) -> Result<(), StoreError> {
            std::future::pending().await
        }

        async fn snapshot(&self) -> Result<ControlSnapshot, StoreError> {
            std::future::pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_hangs_makes_it_unready_within_a_second() {
        let (mut check, _switch) = check(Hanging);
        let clock = ManualClock::new();
        check.clock = clock.clone();
        assert_eq!(within("the answer", check.run()).await, Readiness::StoreDown);
        assert_eq!(clock.monotonic(), seconds(1));
    }
}
