//! What is wrong with a state, and whether all would come to an end from it.

use crate::{
    action::Action,
    promise::Promise,
    protocol::Protocol,
    provider::Fate,
    state::{Replica, Row, State, Work},
};
use dispatcher_domain::{DeliveryPolicy, Status};

/// No calm way to the end is longer.
const PATIENCE: usize = 200;

impl Protocol {
    /// P2 to P5, from what the rows say and what the provider did.
    pub(crate) fn witness_counts(&self, state: &mut State) {
        let mut broken = state.witness.broken;
        for row in &state.rows[..self.messages()] {
            let allowed = row.vouched.risked + row.vouched.before;
            // A key may be forgotten before a POST that knows no deadline arrives.
            let never_mind = self.scope.late_posts && self.scope.idempotent;
            match self.scope.delivery {
                DeliveryPolicy::AtMostOnce => {
                    broken.demand(Promise::OneSms, row.sms <= 1 + allowed || never_mind);
                }
                DeliveryPolicy::AtLeastOnce => {
                    broken.demand(Promise::CountedSms, row.sms <= row.unknown + 1 + allowed);
                }
            }
            broken.demand(Promise::CountedOnce, row.unknown <= row.attempt);
            broken.demand(Promise::NoLie, !lies(row));
        }
        state.witness.broken = broken;
        if self.scope.calm
            && broken.is_none()
            && let Some(promise) = self.broken_in_calm(state)
        {
            state.witness.broken.demand(promise, false);
        }
    }

    /// From here on nothing goes wrong, and everybody does what there is to do.
    fn broken_in_calm(&self, state: &State) -> Option<Promise> {
        let cared_for: Vec<bool> = state.rows.iter().map(|row| is_cared_for(state, row)).collect();
        let mut state = *state;
        let mut calm = *self;
        // Once is enough.
        calm.scope.calm = false;
        for _ in 0..PATIENCE {
            if calm.has_ended(&state) {
                return None;
            }
            // A COMMIT that has not landed by now never does.
            state.replicas.iter_mut().for_each(|it| it.unsure = it.unsure.filter(|it| it.landed));
            let Some((action, next)) = calm.next_in_calm(&state) else { break };
            if let Action::Rescue(message) = action
                && cared_for[message]
            {
                return Some(Promise::ParkedForAReason);
            }
            state = next;
        }
        Some(Promise::NothingStuck)
    }

    fn has_ended(&self, state: &State) -> bool {
        let idle = state.replicas.iter().all(|it| it.work == Work::Idle && it.wire.is_none());
        let ended = |message: usize| {
            let row = &state.rows[message];
            match row.status {
                Status::Queued => row.attempt >= self.scope.attempts,
                Status::Sending => false,
                Status::Unconfirmed => {
                    state.doubt.is_none() && self.look_at(row, message).is_none()
                }
                _ => true,
            }
        };
        idle && (0..self.messages()).all(ended)
    }

    fn next_in_calm(&self, state: &State) -> Option<(Action, State)> {
        let of_replicas = (0..state.replicas.len()).flat_map(|it| {
            [
                Action::Arrive(it, Fate::Accepted),
                Action::Record { replica: it, heard: true },
                Action::Look(it),
                Action::GiveBack(it),
            ]
        });
        let of_messages =
            (0..self.messages()).flat_map(|it| [Action::Rescue(it), Action::TakeDoubt(it)]);
        let starts =
            (0..state.replicas.len()).flat_map(|it| [Action::Enter(it), Action::Start(it)]);
        let mut possible = Vec::new();
        self.possible(state, &mut possible);
        of_replicas
            .chain([Action::Settle])
            .chain(of_messages)
            .chain([Action::Resume])
            .chain(starts)
            .chain([Action::Tick])
            .filter(|action| possible.contains(action))
            .find_map(|action| Some((action, self.play(state, action)?)))
    }
}

/// Whether a replica has that message in hand, and time enough.
fn is_cared_for(state: &State, row: &Row) -> bool {
    let has = |it: &Replica| {
        let claim = it.work.claim().is_some_and(|claim| claim.token == row.token);
        claim || it.unsure.is_some_and(|unsure| unsure.token == row.token && unsure.hold > 0)
    };
    row.status == Status::Sending && row.lease > Some(0) && state.replicas.iter().any(has)
}

/// A final status that says something else than the provider did.
fn lies(row: &Row) -> bool {
    let denies = matches!(
        row.status,
        Status::Failed | Status::Canceled | Status::Expired | Status::Rejected
    );
    let hidden = row.unknown == 0 && row.sms > row.vouched.before && !row.vouched.not_sent;
    let unfounded = row.status.is_accepted() && row.sms == 0 && !row.vouched.sent;
    (denies && hidden) || unfounded
}
