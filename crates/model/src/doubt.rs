//! Messages in doubt: taken, decided about by the domain, and settled.

use crate::{
    answer::Answer,
    guard::Guard,
    pace::named,
    promise::Promise,
    protocol::{Protocol, Why},
    scope::Scope,
    state::{Attempt, Decided, Doubt, End, Row, State},
    time::{at, now, steps_to},
};
use dispatcher_domain::{
    CachedReceipt, DeliveryPolicy, DoubtfulAttempt, Evidence, InDoubt, LookUp, MessageId,
    Resolution, Status, StatusReason,
};
use uuid::Uuid;

impl Protocol {
    /// Looks at a message in doubt; `None` when nothing is to be done about it.
    pub(crate) fn look_at(&self, row: &Row, message: usize) -> Option<Doubt> {
        if row.status != Status::Unconfirmed {
            return None;
        }
        let doubt = in_doubt(row);
        let receipt = receipt(row).and_then(|receipt| Evidence::of_receipt(&doubt, receipt));
        let evidence = receipt.unwrap_or_else(|| Evidence::of_look_up(LookUp::Unsupported, true));
        let mut policy = self.scope.resolution(self.has(Guard::KeyMargin));
        if !self.has(Guard::ResendByPolicy) {
            policy.delivery = DeliveryPolicy::AtLeastOnce;
        }
        let decided = match policy.decide(&doubt, evidence, 0.0) {
            Resolution::Sent { .. } => Decided::Sent(row.receipt),
            Resolution::Resend { until, .. } => Decided::Resend(until.map(steps_to)),
            Resolution::Fail => Decided::Fail,
            Resolution::Wait { .. } => return None,
        };
        let message = u8::try_from(message).unwrap_or(0);
        Some(Doubt { message, attempt: row.attempt, epoch: row.epoch, decided })
    }

    /// Makes of a message what was decided, if it is still as it was taken.
    pub(crate) fn settle(&self, state: &mut State, doubt: Doubt) {
        let message = usize::from(doubt.message);
        let row = &mut state.rows[message];
        let as_taken = (row.status == Status::Unconfirmed || !self.has(Guard::SettleStatus))
            && (row.attempt == doubt.attempt || !self.has(Guard::SettleAttempt))
            && (row.epoch == doubt.epoch || !self.has(Guard::SettleEpoch));
        if !as_taken {
            return;
        }
        let (status, why) = match doubt.decided {
            Decided::Sent(attempt) => {
                row.attempts[usize::from(attempt) - 1].end = End::Told(Answer::Accepted);
                (Status::Sent, Why::Proof)
            }
            Decided::Resend(until) => {
                row.resend = until;
                if !self.has(Guard::SameKey) {
                    row.epoch += 1;
                }
                (Status::Queued, Why::Protocol)
            }
            Decided::Fail => {
                let used_up = u32::from(row.tries) >= Scope::retry().max_tries;
                state.witness.broken.demand(Promise::TriesUsedUp, used_up);
                (Status::Failed, Why::Protocol)
            }
        };
        self.become_status(state, message, status, why);
    }
}

/// The attempts that are on record, with their numbers.
fn on_record(row: &Row) -> impl Iterator<Item = (i32, &Attempt)> {
    (1..).zip(&row.attempts).filter(|(_, attempt)| attempt.token != 0)
}

fn in_doubt(row: &Row) -> InDoubt {
    let of_key = || on_record(row).map(|(_, it)| it).filter(|it| it.epoch == row.epoch);
    let used_since = of_key().filter(|it| it.may_have_left()).map(|it| it.age).max();
    let doubtful =
        |it: &Attempt| matches!(it.end, End::None | End::Abandoned | End::Told(Answer::Unknown));
    InDoubt {
        id: MessageId(1),
        uuid: Uuid::nil(),
        key_epoch: i32::from(row.epoch),
        attempt: i32::from(row.attempt),
        attempts: on_record(row)
            .filter(|(_, it)| doubtful(it))
            .map(|(attempt, it)| DoubtfulAttempt {
                attempt,
                token: named(it.token),
                started_at: at(-it.age),
            })
            .collect(),
        tries_used: u32::from(row.tries),
        // If none left, as an owner may tell that comes back after its lease.
        key_used_since: used_since.or_else(|| of_key().map(|it| it.age).max()).map(|age| at(-age)),
        reason: StatusReason::LEASE_EXPIRED,
        now: now(),
    }
}

/// What the cache has under the message's present key.
fn receipt(row: &Row) -> Option<CachedReceipt> {
    let attempt = row.attempts.get(usize::from(row.receipt).checked_sub(1)?)?;
    (attempt.epoch == row.epoch).then(|| CachedReceipt {
        attempt: i32::from(row.receipt),
        token: named(attempt.token),
        provider_message_id: None,
    })
}
