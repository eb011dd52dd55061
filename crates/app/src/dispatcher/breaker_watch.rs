//! Telling, once, that the circuit breaker opened, and once, that it closed.
//!
//! The breaker is on the control row: another replica may have opened it, or
//! sends of several together. So what a claim meets is only a hint; the row
//! says what holds. It is read at a transition, and while the breaker is
//! half-open, never on the way of a send.

use super::DispatcherPorts;
use crate::advice::what_to_check;
use dispatcher_domain::{
    ClaimResult, HoldReason, OpenBreaker,
    ports::{ControlSnapshot, MeterEvent},
};
use jiff::Timestamp;
use tokio::sync::Mutex;

/// What a claim or a send makes of the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// It seems open.
    Open,
    /// Nothing says so.
    NotOpen,
}

impl Hint {
    /// What a claim met.
    pub(super) fn of(result: &ClaimResult) -> Self {
        match result {
            ClaimResult::Held(hold) if hold.reason == HoldReason::BreakerOpen => Self::Open,
            _ => Self::NotOpen,
        }
    }
}

/// What this replica last told.
#[derive(Default)]
pub(super) struct BreakerWatch {
    /// Until when it is open, as it was told.
    told: Mutex<Option<Timestamp>>,
}

impl BreakerWatch {
    /// Looks at the row where `hint` is news.
    pub(super) async fn look(&self, ports: &DispatcherPorts, hint: Hint) {
        // Held until it is told: of many sends that fail together, one tells.
        let mut told = self.told.lock().await;
        if told.is_some() == (hint == Hint::Open) {
            return;
        }
        // A store that does not answer now is asked after the next claim.
        let Ok(ControlSnapshot { state, now, .. }) = ports.control.snapshot().await else { return };
        let open = state.breaker.open;
        if told.is_some() == open.is_some() {
            return;
        }
        *told = open.as_ref().map(|open| open.until);
        ports.meter.note(MeterEvent::BreakerTurned { open: open.is_some() });
        match open {
            Some(open) => tell_open(&open),
            None => tracing::warn!(at = %now, "circuit breaker closes: sending goes on"),
        }
    }

    /// After a send that failed: was it a probe, the breaker is open for
    /// longer, and perhaps for another reason than was told.
    pub(super) async fn look_again(&self, ports: &DispatcherPorts) {
        let mut told = self.told.lock().await;
        if told.is_none() {
            return;
        }
        let Ok(ControlSnapshot { state, .. }) = ports.control.snapshot().await else { return };
        if let Some(open) = state.breaker.open
            && *told != Some(open.until)
        {
            *told = Some(open.until);
            tracing::warn!(
                reason = open.reason.as_str(),
                until = %open.until,
                check = what_to_check(&open.reason),
                "a probe failed: the circuit breaker stays open, and probes again by itself"
            );
        }
    }
}

/// Loud, and with what to look at: nothing is sent until it is mended.
fn tell_open(open: &OpenBreaker) {
    tracing::error!(
        reason = open.reason.as_str(),
        until = %open.until,
        check = what_to_check(&open.reason),
        "ALARM: circuit breaker opens, sending pauses"
    );
}
