//! The control row: the domain's `ControlState` decides, on the numbers here.
//!
//! A rule that is taken away is taken from what the domain is given, or from
//! what it answers: its code stays as it is.

use crate::{
    guard::Guard,
    protocol::Protocol,
    state::{Control, Token},
    time::{self, LEASE, at, now, steps_to},
};
use dispatcher_domain::{Busy, ControlState, Lease, LeaseToken, ProviderSignal};
use uuid::Uuid;

/// A claim's token, as the domain has it.
pub(crate) fn named(token: Token) -> LeaseToken {
    LeaseToken(Uuid::from_u128(u128::from(token)))
}

impl Protocol {
    pub(crate) fn control_state(&self, control: &Control) -> ControlState {
        ControlState {
            enabled: control.enabled,
            policy: self.pace,
            quota_left: u32::from(control.quota_left),
            next_tick_at: at(control.next_tick),
            busy: control.busy.map(|(token, left)| Busy {
                token: named(token),
                until: at(left),
                lease: time::length(LEASE),
            }),
            throttled_until: None,
            breaker: dispatcher_domain::Breaker::default(),
        }
    }

    fn keep(&self, control: &mut Control, state: &ControlState) {
        let token = |token: LeaseToken| Token::try_from(token.0.as_u128()).unwrap_or(0);
        *control = Control {
            enabled: control.enabled,
            quota_left: u8::try_from(state.quota_left).unwrap_or(u8::MAX),
            next_tick: steps_to(state.next_tick_at),
            busy: state.busy.map(|busy| (token(busy.token), steps_to(busy.until))),
        };
    }

    /// Asks for leave to start one send; the state to save if it is used.
    pub(crate) fn admit(&self, control: &Control) -> Option<ControlState> {
        let mut state = self.control_state(control);
        state.enabled |= !self.has(Guard::Enabled);
        if !self.has(Guard::Quota) {
            state.quota_left = self.pace.batch_size.get();
        }
        let kept = if self.is_over(&state) { Guard::LostSend } else { Guard::OneAtATime };
        if !self.has(kept) {
            state.busy = None;
        }
        state.admit(now(), 1).ok()?;
        Some(state)
    }

    fn is_over(&self, state: &ControlState) -> bool {
        state.busy.is_some_and(|busy| busy.until <= now())
    }

    /// One send starts.
    pub(crate) fn save_start(&self, control: &mut Control, mut state: ControlState, token: Token) {
        let tick = state.next_tick_at;
        state.started(now(), 1, named(token), time::length(LEASE));
        if !self.has(Guard::TickAtStart) {
            state.next_tick_at = tick;
        }
        self.keep(control, &state);
    }

    /// The send of that claim ended, or was given back.
    pub(crate) fn finished(&self, control: &mut Control, token: Token) {
        let lease = Lease {
            uuid: Uuid::nil(),
            token: named(token),
            attempt: 1,
            paced: self.control_state(control).is_paced(now()),
        };
        let signal = ProviderSignal::Alive;
        if !lease.concerns_control(&signal) {
            return;
        }
        let mut state = self.control_state(control);
        let tick = state.next_tick_at;
        state.finished(now(), lease.token, &signal);
        if !self.has(Guard::TickAtEnd) {
            state.next_tick_at = tick;
        }
        if !self.has(Guard::BusyToken) {
            state.busy = None;
        }
        self.keep(control, &state);
    }

    /// Whether the control row waits for the end of that claim.
    pub(crate) fn awaits(&self, control: &Control, token: Token) -> bool {
        self.control_state(control).awaits(named(token))
    }
}
