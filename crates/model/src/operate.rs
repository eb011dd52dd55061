//! What operators decide: the domain judges, the row is written.

use crate::{
    guard::Guard,
    protocol::{Protocol, Why},
    state::{Attempt, Row, State},
    time::{self, KEY_WINDOW, LEASE},
};
use dispatcher_domain::{OperatorCommand, OperatorRequest, Ruling, Standing, Status};

/// What an operator says of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Take it out of the queue.
    Cancel,
    /// Put it back, if it was certainly not sent.
    Requeue,
    /// Put it back, come what may.
    RequeueByForce,
    /// It was accepted.
    ResolveSent,
    /// It was not.
    ResolveNotSent,
}

impl Command {
    pub(crate) const ALL: [Self; 5] = [
        Self::Cancel,
        Self::Requeue,
        Self::RequeueByForce,
        Self::ResolveSent,
        Self::ResolveNotSent,
    ];

    pub(crate) fn request(self) -> OperatorRequest {
        let command = match self {
            Self::Cancel => OperatorCommand::Cancel,
            Self::Requeue => OperatorCommand::Requeue { force: false },
            Self::RequeueByForce => OperatorCommand::Requeue { force: true },
            Self::ResolveSent => OperatorCommand::ResolveSent { provider_message_id: None },
            Self::ResolveNotSent => OperatorCommand::ResolveNotSent,
        };
        OperatorRequest { command, seen_attempt: None }
    }
}

impl Protocol {
    /// Does what an operator says, if the domain allows it; whether it did.
    pub(crate) fn decide(&self, state: &mut State, message: usize, command: Command) -> bool {
        let window = time::length(KEY_WINDOW);
        let Ok(ruling) = command.request().judge(&self.standing(state, message), window) else {
            return false;
        };
        let Ruling::Change(change) = ruling else { return false };
        let key_protects = self.key_protects(&state.rows[message]);
        self.become_status(state, message, change.status, Why::Operator);
        let row = &mut state.rows[message];
        let vouched = &mut row.vouched;
        match command {
            Command::Cancel => {}
            // Under a key that the provider knows an operator risks nothing yet.
            Command::RequeueByForce if key_protects => vouched.forced = true,
            Command::Requeue | Command::RequeueByForce => {
                vouched.before = row.sms;
                vouched.not_sent = false;
                vouched.risked += u8::from(command == Command::RequeueByForce);
            }
            Command::ResolveSent => vouched.sent = true,
            Command::ResolveNotSent => {
                vouched.before = row.sms;
                vouched.not_sent = true;
                vouched.risked += 1;
            }
        }
        row.resend = None;
        row.token = 0;
        let new_key = change.new_key || !self.has(Guard::KeyOfRequeue);
        row.epoch += u8::from(new_key && change.status == Status::Queued);
        if change.status == Status::Queued {
            row.tries = 0;
        }
        if change.settled {
            row.unknown = 0;
        }
        true
    }

    /// Whether the provider will know the key of that message if it is sent now.
    pub(crate) fn key_protects(&self, row: &Row) -> bool {
        let of_key = |it: &&Attempt| it.epoch == row.epoch && it.may_have_left();
        let age = row.attempts.iter().filter(of_key).map(|it| it.age).max();
        self.scope.idempotent && age.is_none_or(|age| age < KEY_WINDOW - LEASE)
    }

    fn standing(&self, state: &State, message: usize) -> Standing {
        let row = &state.rows[message];
        let of_key = |it: &&Attempt| it.epoch == row.epoch && it.may_have_left();
        let key_age = row.attempts.iter().filter(of_key).map(|it| it.age).max();
        // Who does not lock the row decides about what it was a moment ago.
        let is_stale = row.status == Status::Sending && !self.has(Guard::OperatorLock);
        Standing {
            status: if is_stale { Status::Queued } else { row.status },
            attempt: i32::from(row.attempt),
            unknown_outcomes: u32::from(row.unknown),
            key_age: key_age.map(time::length),
            provider_message_id: None,
        }
    }
}
