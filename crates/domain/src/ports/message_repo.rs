//! The queue: the protocol of START, completion, release and rescue.

use super::StoreError;
use crate::{
    Claim, ClaimRequest, Completion, Lease, LeaseToken, MessageId, NewMessage, Status, Terms,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// The queue of messages, shared by all replicas.
///
/// All times are the store's: replicas may disagree about the time of day.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageRepo: Send + Sync {
    /// Stores a message at the end of the queue.
    ///
    /// - MUST have it on durable storage before it answers `Ok`.
    /// - MUST store what follows from its texts ([`crate::Derived`]) with it.
    async fn enqueue(&self, message: &NewMessage, terms: &Terms) -> Result<Enqueued, StoreError>;

    /// START: claims what may be sent now and is due, in queue order.
    ///
    /// - MUST start nothing that [`crate::ControlState::admit`] forbids, over
    ///   all replicas.
    /// - MUST take messages in the order `priority DESC, created_at, id` of
    ///   those `queued` and due; one that falls due again rejoins at its place.
    /// - MUST make each `sending` under the request's token, with the next
    ///   attempt number and an attempt record, durably, before it answers.
    /// - MUST store what follows from the texts that it hands out
    ///   ([`crate::Derived`]), whoever wrote the row.
    /// - MUST hand out texts as they are in the row, and start every row whose
    ///   texts [`crate::QueuedRow::parse`] takes.
    /// - MUST never start a second message to a recipient with one in flight
    ///   ([`crate::PhoneNumber::recipient_key`]) when the ordering is `recipient`.
    /// - MUST make invalid rows `rejected` and pass on to the next in the same
    ///   call or report them as found; they cost no quota, attempt or try.
    /// - MUST make messages `expired` whose `expires_at` has come, before it starts
    ///   others, as [`MessageRepo::expire_overdue`] does; MUST never start one.
    /// - MUST NOT change the control state when it starts nothing.
    async fn claim_due(&self, request: &ClaimRequest) -> Result<Claim, StoreError>;

    /// Records how a send ended.
    ///
    /// - MUST change the message only if it is `sending` with this token and
    ///   attempt; each of the three alone must stop it.
    /// - MUST, whatever the status, make it `sent` when the provider accepted
    ///   and an attempt of this number and token is on record.
    /// - MUST make it `failed` on a late refusal of its current attempt.
    /// - MUST tell [`crate::ControlState::finished`] when the lease is paced
    ///   or the signal concerns all.
    /// - MUST be repeatable: the same completion twice is one.
    async fn record_outcome(
        &self,
        id: MessageId,
        lease: &Lease,
        completion: &Completion,
    ) -> Result<Recorded, StoreError>;

    /// Gives one message back that was certainly not POSTed: → `queued` at its
    /// place, no try spent. Answers whether it was still ours.
    ///
    /// - MUST be fenced as [`MessageRepo::record_outcome`] is.
    async fn release(&self, id: MessageId, lease: &Lease) -> Result<bool, StoreError>;

    /// Gives back everything under `token`: for a claim that was not confirmed,
    /// so that nothing of it can have been POSTed. Answers how many it freed.
    async fn release_claim(&self, token: LeaseToken) -> Result<u64, StoreError>;

    /// Makes `queued` messages whose `expires_at` has come `expired`, whether
    /// they are due or not, at most `limit` of them, longest over first: also
    /// while no send may start, and nothing is claimed.
    ///
    /// - MUST leave every other status alone, `sending` above all.
    /// - MUST keep the counts of unknown outcomes, tries and attempts.
    async fn expire_overdue(&self, limit: u32) -> Result<Vec<MessageId>, StoreError>;

    /// Makes messages whose lease ended more than `grace` ago `unconfirmed`,
    /// at most `limit` of them: whose lease ended first, and the smallest id
    /// among equals.
    ///
    /// - MUST leave a message alone whose lease or grace still runs.
    /// - MUST count an unknown outcome and a try on each.
    /// - MUST shorten leases that only a clock set back can have left behind.
    async fn rescue_expired(&self, grace: Duration, limit: u32)
    -> Result<Vec<Rescued>, StoreError>;
}

/// A message that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enqueued {
    /// Its id.
    pub id: MessageId,
    /// Its status.
    pub status: Status,
    /// When the store took it.
    pub created_at: Timestamp,
}

/// What came of a completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The message was ours and has its new status.
    Applied,
    /// It was no longer ours, but late proof counted all the same.
    AppliedLate,
    /// It was no longer ours and stays as it is.
    Fenced,
}

/// A message whose owner vanished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rescued {
    /// Its id.
    pub id: MessageId,
    /// The attempt whose outcome is unknown.
    pub attempt: i32,
}
