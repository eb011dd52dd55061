//! How sends end: recorded, given back, or rescued.

use crate::{
    answer::Answer,
    guard::Guard,
    promise::Promise,
    protocol::{Protocol, Why},
    state::{Claim, End, Row, State, Token, Work},
    time::{GRACE, LEASE},
};
use dispatcher_domain::Status;

/// No count is told apart beyond this; with all rules in force none gets there.
const MOST: u8 = 5;

/// What an answer makes of a message: the domain's `Effect`, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consequence {
    Sent,
    Requeue,
    Fail,
    Park,
}

impl Protocol {
    /// Records how a send ended.
    pub(crate) fn record(&self, state: &mut State, claim: &Claim, answer: Answer) {
        let message = usize::from(claim.message);
        let on_record = state.rows[message].on_record(claim.attempt, claim.token);
        // Told again because the answer was lost: one failure is not two.
        let told = on_record.is_some_and(|it| it.end == End::Told(answer));
        if !told {
            self.finished(&mut state.control, claim.token);
        }
        let consequence = self.consequence(answer);
        if self.owns(&state.rows[message], claim) {
            self.apply(state, message, consequence);
        } else {
            self.apply_late(state, claim, consequence);
        }
        let row = &mut state.rows[message];
        if let Some(attempt) = row.on_record(claim.attempt, claim.token) {
            attempt.end = End::Told(answer);
            let counts = answer != Answer::Accepted || row.status.is_accepted();
            state.witness.broken.demand(Promise::ProofCounts, counts);
        }
    }

    /// Status, token and attempt: each says no by itself.
    fn owns(&self, row: &Row, claim: &Claim) -> bool {
        (row.status == Status::Sending || !self.has(Guard::CompletionStatus))
            && (row.token == claim.token || !self.has(Guard::CompletionToken))
            && (row.attempt == claim.attempt || !self.has(Guard::CompletionAttempt))
    }

    fn apply(&self, state: &mut State, message: usize, consequence: Consequence) {
        state.rows[message].lease = None;
        match consequence {
            Consequence::Sent => {
                state.rows[message].resend = None;
                self.become_status(state, message, Status::Sent, Why::Proof);
            }
            Consequence::Requeue => {
                self.become_status(state, message, Status::Queued, Why::Protocol);
            }
            Consequence::Fail => {
                state.rows[message].resend = None;
                self.become_status(state, message, Status::Failed, Why::Protocol);
            }
            Consequence::Park => self.park(state, message),
        }
    }

    fn park(&self, state: &mut State, message: usize) {
        self.become_status(state, message, Status::Unconfirmed, Why::Protocol);
        let row = &mut state.rows[message];
        row.lease = None;
        row.resend = None;
        row.tries = (row.tries + 1).min(MOST);
        if self.has(Guard::CountAtPark) {
            row.unknown = (row.unknown + 1).min(MOST);
        }
    }

    fn apply_late(&self, state: &mut State, claim: &Claim, consequence: Consequence) {
        let message = usize::from(claim.message);
        let row = &mut state.rows[message];
        if row.on_record(claim.attempt, claim.token).is_none() {
            return;
        }
        let current = row.attempt == claim.attempt && row.token == claim.token;
        match consequence {
            Consequence::Sent if !row.status.is_accepted() && self.has(Guard::LateProof) => {
                row.lease = None;
                row.resend = None;
                self.become_status(state, message, Status::Sent, Why::Proof);
            }
            Consequence::Fail
                if (row.status == Status::Unconfirmed || !self.has(Guard::LateRefusalStatus))
                    && (current || !self.has(Guard::LateRefusalAttempt)) =>
            {
                row.unknown = row.unknown.saturating_sub(1);
                self.become_status(state, message, Status::Failed, Why::Protocol);
            }
            _ => {}
        }
    }

    /// The owner knows that it did not POST.
    pub(crate) fn release(&self, state: &mut State, claim: &Claim) {
        self.finished(&mut state.control, claim.token);
        let message = usize::from(claim.message);
        if !self.owns(&state.rows[message], claim) {
            return;
        }
        self.free(state, message);
        if let Some(attempt) = state.rows[message].on_record(claim.attempt, claim.token) {
            attempt.end = End::Released;
        }
    }

    /// Gives back what a claim took that was not confirmed; whether it took anything.
    pub(crate) fn release_claim(&self, state: &mut State, token: Token) -> bool {
        let mut freed = false;
        for message in 0..self.messages() {
            let row = state.rows[message];
            let ours = row.token == token || !self.has(Guard::GiveBackToken);
            if row.status == Status::Sending && ours {
                self.free(state, message);
                if let Some(attempt) = state.rows[message].on_record(row.attempt, row.token) {
                    attempt.end = End::Released;
                }
                freed = true;
            }
        }
        // A claim that never took effect left no trace, and must cost no tick.
        if freed || self.awaits(&state.control, token) {
            self.finished(&mut state.control, token);
        }
        freed
    }

    fn free(&self, state: &mut State, message: usize) {
        self.become_status(state, message, Status::Queued, Why::Protocol);
        state.rows[message].token = 0;
        state.rows[message].lease = None;
    }

    /// Whether the rescue takes that message.
    pub(crate) fn is_abandoned(&self, row: &Row) -> bool {
        let over = match (self.has(Guard::RescueLease), self.has(Guard::RescueGrace)) {
            (true, true) => row.lease.is_some_and(|left| left + GRACE < 0),
            (true, false) => row.lease.is_some_and(|left| left < 0),
            // The grace alone: from the start of the send on.
            (false, true) => row.lease.is_some_and(|left| left < LEASE - GRACE),
            (false, false) => true,
        };
        row.status == Status::Sending && over && self.has(Guard::Rescue)
    }

    /// Parks a message whose owner vanished.
    pub(crate) fn rescue(&self, state: &mut State, message: usize) {
        let Row { attempt, token, .. } = state.rows[message];
        let sends = |work: &Work| {
            work.claim().is_some_and(|claim| claim.attempt == attempt && claim.token == token)
        };
        let sender_lives = state.replicas.iter().any(|replica| sends(&replica.work));
        let age = state.rows[message].on_record(attempt, token).map(|attempt| {
            attempt.end = End::Abandoned;
            attempt.age
        });
        let in_time = age.is_some_and(|age| age <= LEASE + GRACE);
        state.witness.broken.demand(Promise::ParkedForAReason, !(sender_lives && in_time));
        self.park(state, message);
    }
}
