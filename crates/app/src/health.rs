//! How the service is.

use crate::advice::what_to_check;
use dispatcher_domain::{
    DispatchPolicy, OpenBreaker, StatusReason,
    ports::{CacheReach, Clock, ControlSnapshot, DeliveryCache, DispatchControl},
};
use jiff::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A health check that waits is no health check.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Asks the stores how they are.
pub struct CheckHealth {
    control: Arc<dyn DispatchControl>,
    cache: Arc<dyn DeliveryCache>,
    clock: Arc<dyn Clock>,
    configured: DispatchPolicy,
    /// Sending is on unless an operator has stopped it: that is assumed until
    /// the store is heard for the first time.
    last_enabled: AtomicBool,
}

/// How the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The message store answers.
    pub database: bool,
    /// Who sees what the delivery cache remembers; `None` if it is down.
    pub cache: Option<CacheReach>,
    /// Sending is on; what was last known while the store is down.
    pub processing: bool,
    /// The pace; `None` while the store is down.
    pub dispatch: Option<DispatchHealth>,
}

/// How sending goes, over all replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchHealth {
    /// The pace that all replicas obey.
    pub policy: DispatchPolicy,
    /// This replica was configured for another pace.
    pub drift: bool,
    /// Sends in flight.
    pub in_flight: u64,
    /// The circuit breaker, if it is open.
    pub breaker: Option<BreakerHealth>,
    /// How long the provider still wants us to wait.
    pub throttled_for: Option<Duration>,
}

/// An open circuit breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerHealth {
    /// What opened it.
    pub reason: StatusReason,
    /// Until when no send starts, by the store's clock. From then on one probe
    /// finds out whether the provider is well again.
    pub until: Timestamp,
    /// What an operator should check.
    pub check: &'static str,
}

impl From<OpenBreaker> for BreakerHealth {
    fn from(open: OpenBreaker) -> Self {
        let check = what_to_check(&open.reason);
        Self { reason: open.reason, until: open.until, check }
    }
}

impl CheckHealth {
    /// `configured` is this replica's own idea of the pace.
    #[must_use]
    pub fn new(
        control: Arc<dyn DispatchControl>,
        cache: Arc<dyn DeliveryCache>,
        clock: Arc<dyn Clock>,
        configured: DispatchPolicy,
    ) -> Self {
        Self { control, cache, clock, configured, last_enabled: AtomicBool::new(true) }
    }

    /// Asks, and answers within about a second.
    pub async fn run(&self) -> Health {
        let (snapshot, cache) =
            tokio::join!(self.at_once(self.control.snapshot()), self.at_once(self.cache.ping()),);
        if let Some(snapshot) = &snapshot {
            self.last_enabled.store(snapshot.state.enabled, Ordering::Relaxed);
        }
        Health {
            database: snapshot.is_some(),
            cache,
            processing: self.last_enabled.load(Ordering::Relaxed),
            dispatch: snapshot.map(|snapshot| self.dispatch(snapshot)),
        }
    }

    async fn at_once<T, E>(&self, call: impl Future<Output = Result<T, E>>) -> Option<T> {
        tokio::select! {
            biased;
            answer = call => answer.ok(),
            () = self.clock.sleep(AT_ONCE) => None,
        }
    }

    fn dispatch(&self, snapshot: ControlSnapshot) -> DispatchHealth {
        let ControlSnapshot { state, now, in_flight } = snapshot;
        let left = state.throttled_until.map(|until| until.duration_since(now));
        DispatchHealth {
            policy: state.policy,
            drift: state.policy != self.configured,
            in_flight,
            breaker: state.breaker.open.map(BreakerHealth::from),
            throttled_for: left.and_then(|left| Duration::try_from(left).ok()),
        }
    }
}

#[cfg(test)]
mod tests;
