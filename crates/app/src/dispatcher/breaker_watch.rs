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
    told_open: Mutex<bool>,
}

impl BreakerWatch {
    /// Looks at the row where `hint` is news.
    pub(super) async fn look(&self, ports: &DispatcherPorts, hint: Hint) {
        // Held until it is told: of many sends that fail together, one tells.
        let mut told_open = self.told_open.lock().await;
        if *told_open == (hint == Hint::Open) {
            return;
        }
        // A store that does not answer now is asked after the next claim.
        let Ok(ControlSnapshot { state, now, .. }) = ports.control.snapshot().await else { return };
        let open = state.breaker.open;
        if *told_open == open.is_some() {
            return;
        }
        *told_open = open.is_some();
        ports.meter.note(MeterEvent::BreakerTurned { open: open.is_some() });
        match open {
            Some(open) => tell_open(&open),
            None => tracing::warn!(at = %now, "circuit breaker closes: sending goes on"),
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
