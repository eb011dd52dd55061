//! What a replica does, watched as it does it: whose sends it ends, when it
//! POSTs, and whether it claims; and what an operator decides.

use crate::{
    check::{Queue, Witness},
    clock::store_time,
    life::{is_covered, strangers, waits_for},
    schedule::ReplicaId,
};
use dispatcher_domain::{
    ClaimedMessage, Effect, Lease, LeaseToken, MessageId, OperatorCommand, OperatorRequest, Status,
    ports::Decided,
};
use dispatcher_memory::MessageRow;

impl Witness {
    /// A POST begins: its lease must cover it.
    pub(crate) fn saw_post(&self, message: &ClaimedMessage) {
        let now = store_time(&self.schedule);
        let attempts = self.store.attempts(message.id);
        let start = attempts.iter().find(|it| it.lease_token == message.lease.token);
        let is_covered = start.is_none_or(|start| is_covered(start.started_at, now));
        self.demand(is_covered, || {
            let (id, attempt) = (message.id, message.lease.attempt);
            format!("P3: a POST that may outlast its lease: message {id}, attempt {attempt}")
        });
    }

    /// An end was told: of the send that its row waits for, or as a proof.
    pub(crate) fn saw_end(&self, before: &Queue, lease: &Lease, effect: &Effect) {
        let proof = matches!(effect, Effect::Sent { .. });
        // A late refusal counts, while nothing else has happened since.
        let refusal = |row: &MessageRow| {
            matches!(effect, Effect::Fail { .. }) && row.status == Status::Unconfirmed
        };
        self.saw_change("an end", before, |row| {
            row.uuid == lease.uuid && (proof || refusal(row) || waits_for(row, lease))
        });
    }

    /// A message was given back.
    pub(crate) fn saw_release(&self, before: &Queue, lease: &Lease) {
        self.saw_change("a release", before, |row| waits_for(row, lease));
    }

    /// A claim was given back.
    pub(crate) fn saw_release_of(&self, before: &Queue, token: LeaseToken) {
        self.saw_change("a release", before, |row| {
            row.status == Status::Sending && row.lease_token == Some(token)
        });
    }

    fn saw_change(&self, what: &str, before: &Queue, may: impl Fn(&MessageRow) -> bool) {
        let strange = strangers(&before.0, &self.rows(), may);
        self.demand(strange.is_none(), || {
            format!("{what} of another send: {}", strange.unwrap_or_default())
        });
    }

    /// A replica was asked to end: from now on it claims nothing.
    pub(crate) fn saw_drain(&self, replica: ReplicaId) {
        self.seen().leaving.insert(replica);
    }

    /// A replica asks for messages.
    pub(crate) fn saw_claim(&self, replica: ReplicaId) {
        let leaves = self.seen().leaving.contains(&replica);
        self.demand(!leaves, || format!("r{replica} claims although it was asked to end"));
    }

    /// An operator's decision took effect.
    pub(crate) fn saw_decision(&self, id: MessageId, request: &OperatorRequest, decided: &Decided) {
        let Decided::Done(decision) = decided else { return };
        let mut seen = self.seen();
        let accepted = seen.accepted.get(&id).copied().unwrap_or(0);
        let vouched = seen.vouched.entry(id).or_default();
        match request.command {
            OperatorCommand::Cancel => {}
            OperatorCommand::Requeue { force } => {
                vouched.before = accepted;
                vouched.not_sent &= !decision.changed;
                vouched.risked += usize::from(force && decision.changed);
            }
            OperatorCommand::ResolveNotSent => {
                vouched.before = accepted;
                vouched.not_sent = true;
                vouched.risked += usize::from(decision.changed);
            }
            OperatorCommand::ResolveSent { .. } => vouched.sent = true,
        }
    }
}
