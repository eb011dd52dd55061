//! START: one transaction, from `queued` to `sending`.

use crate::{
    guard::Guard,
    promise::Promise,
    protocol::{Protocol, Why},
    state::{Attempt, Claim, End, State, Token, Work},
    time::LEASE,
};
use dispatcher_domain::{Ordering, Status};

impl Protocol {
    /// The START of one message under `token`; `None` when nothing starts.
    pub(crate) fn start(&self, state: &mut State, token: Token, gated: bool) -> Option<Claim> {
        // At the gate the switch was read before.
        let mut control = state.control;
        control.enabled |= gated;
        let admitted = self.admit(&control)?;
        let message = self.head_of_queue(state)?;
        self.witness_start(state, message);
        self.save_start(&mut state.control, admitted, token);
        self.become_status(state, message, Status::Sending, Why::Protocol);
        let too_late = !self.key_protects(&state.rows[message]);
        let row = &mut state.rows[message];
        // A forced requeue may start when its key protects no more.
        row.vouched.risked += u8::from(row.vouched.forced && too_late);
        row.vouched.forced = false;
        row.attempt += 1;
        row.token = token;
        row.lease = Some(LEASE);
        let attempt = Attempt { token, epoch: row.epoch, age: 0, end: End::None };
        row.attempts[usize::from(row.attempt) - 1] = attempt;
        Some(Claim {
            message: u8::try_from(message).unwrap_or(0),
            attempt: row.attempt,
            token,
            epoch: row.epoch,
            age: 0,
            overtaken: false,
        })
    }

    /// The first message that may start. A repeat whose time is over is in
    /// doubt again, and the next one is looked at.
    fn head_of_queue(&self, state: &mut State) -> Option<usize> {
        let mut found = None;
        for message in 0..self.messages() {
            if !self.may_be_taken(state, message) {
                continue;
            }
            let row = &mut state.rows[message];
            if self.has(Guard::ResendUntil) && row.resend.is_some_and(|left| left <= 0) {
                row.resend = None;
                self.become_status(state, message, Status::Unconfirmed, Why::Protocol);
                continue;
            }
            found = Some(message);
            if self.has(Guard::QueueOrder) {
                break;
            }
        }
        found
    }

    fn may_be_taken(&self, state: &State, message: usize) -> bool {
        let row = &state.rows[message];
        let doubted = row.status == Status::Unconfirmed && !self.has(Guard::QueuedOnly);
        let lane = self.scope.ordering != Ordering::Recipient
            || !self.has(Guard::Lane)
            || !self.others_of(message).any(|other| state.rows[other].status == Status::Sending);
        // One that has had all its attempts has left the model.
        (row.status == Status::Queued || doubted) && row.attempt < self.scope.attempts && lane
    }

    /// The other messages to the same recipient.
    pub(crate) fn others_of(&self, message: usize) -> impl Iterator<Item = usize> {
        let (scope, to) = (self.scope, self.scope.recipient(message));
        (0..self.messages()).filter(move |it| *it != message && scope.recipient(*it) == to)
    }

    /// P4, P6, P7 and P8, from what was there just before.
    fn witness_start(&self, state: &mut State, message: usize) {
        let mut broken = state.witness.broken;
        broken.demand(Promise::Stop, !state.witness.stopped);
        let row = &state.rows[message];
        let open = |it: &Attempt| it.token != 0 && it.end == End::None;
        broken.demand(Promise::ResendAfterCount, !row.attempts.iter().any(open));
        let has_quota = self.scope.period > 0;
        let batch = usize::from(self.scope.batch);
        let paced = !has_quota || state.witness.starts[batch - 1] >= self.scope.period();
        broken.demand(Promise::Pace, paced);
        broken.demand(Promise::Order, self.is_next(state, message));
        state.witness.broken = broken;
        if has_quota {
            state.witness.starts = [0, state.witness.starts[0]];
        }
        if self.scope.is_strict() {
            for replica in &mut state.replicas {
                if let Work::Claimed(claim) = &mut replica.work {
                    claim.overtaken = true;
                }
            }
        }
    }

    /// Whether it is its turn, told anew and not from what START looks at.
    fn is_next(&self, state: &State, message: usize) -> bool {
        let leased = |it: &usize| {
            state.rows[*it].status == Status::Sending && state.rows[*it].lease > Some(0)
        };
        let sending = |it: usize| state.rows[it].status == Status::Sending;
        let due = |it: usize| {
            let row = &state.rows[it];
            row.status == Status::Queued
                && row.attempt < self.scope.attempts
                && row.resend.is_none_or(|left| left > 0)
        };
        let free = |it: usize| !self.others_of(it).any(sending);
        match self.scope.ordering {
            Ordering::Strict => {
                !(0..self.messages()).any(|it| leased(&it)) && !(0..message).any(due)
            }
            Ordering::Recipient => free(message) && !(0..message).any(|it| due(it) && free(it)),
            Ordering::None => !(0..message).any(due),
        }
    }
}
