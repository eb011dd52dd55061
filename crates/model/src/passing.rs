//! Time passes; and two states that nobody can tell apart become one.

use crate::{
    protocol::Protocol,
    state::{Attempt, Decided, End, Replica, State, Work},
    time::{GRACE, LEASE, OLD, Steps},
};

/// One step less, as long as it matters.
fn less(steps: &mut Steps, least: Steps) {
    *steps = (*steps - 1).max(least);
}

impl Protocol {
    pub(crate) fn tick(&self, state: &mut State) {
        less(&mut state.control.next_tick, 0);
        if let Some((_, left)) = &mut state.control.busy {
            // Its interval counts from its end.
            less(left, -self.scope.period());
        }
        for row in &mut state.rows[..self.messages()] {
            row.lease.as_mut().into_iter().for_each(|left| less(left, -GRACE - 1));
            row.resend.as_mut().into_iter().for_each(|left| less(left, 0));
            row.attempts.iter_mut().filter(|it| it.token != 0).for_each(|it| it.age += 1);
            row.known = row.known.map(|(epoch, left)| (epoch, left - 1)).filter(|(_, it)| *it > 0);
        }
        state.replicas.iter_mut().for_each(replica);
        if let Some(doubt) = &mut state.doubt
            && let Decided::Resend(Some(left)) = &mut doubt.decided
        {
            less(left, 0);
        }
        let longest = self.scope.period();
        let ages = state.witness.starts.iter_mut().chain(&mut state.witness.arrivals);
        ages.for_each(|age| *age = (*age + 1).min(longest));
    }

    /// Forgets what nothing depends on.
    pub(crate) fn normalize(&self, state: &mut State) {
        let keys_matter = self.scope.idempotent || self.scope.decisions > 0;
        let oldest = if keys_matter { OLD } else { LEASE + GRACE + 1 };
        let in_flight = |it: &Attempt| it.end == End::None;
        for row in &mut state.rows[..self.messages()] {
            for attempt in &mut row.attempts {
                let matters = keys_matter || in_flight(attempt);
                attempt.age = if matters { attempt.age.min(oldest) } else { 0 };
            }
        }
        for replica in &mut state.replicas {
            if let Work::Waiting(claim) | Work::Told(claim, _) = &mut replica.work {
                (claim.age, claim.overtaken) = (0, false);
            }
        }
        state.control.next_tick = state.control.next_tick.max(0);
    }
}

fn replica(replica: &mut Replica) {
    if let Some(claim) = replica.work.claim_mut() {
        claim.age = (claim.age + 1).min(LEASE);
    }
    replica.wire.as_mut().into_iter().for_each(|post| less(&mut post.left, 0));
    replica.unsure.as_mut().into_iter().for_each(|unsure| less(&mut unsure.hold, 0));
    replica.unsure = replica.unsure.filter(|unsure| !unsure.landed || unsure.hold > 0);
}
