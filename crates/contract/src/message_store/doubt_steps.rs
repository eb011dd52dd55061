//! The words that the tests of messages in doubt are written in.

use super::{
    Fixture,
    steps::{claim_one, enqueue, finish, free_flow, unknown},
};
use dispatcher_domain::{
    ClaimedMessage, InDoubt, MessageId, ProbeBackoff, Proof, ProviderMessageId, Resolution,
};
use std::time::Duration;

pub(super) const BACKOFF: ProbeBackoff =
    ProbeBackoff { base: Duration::from_secs(30), cap: Duration::from_secs(100) };

pub(super) async fn take(store: &dyn Fixture, limit: u32) -> Vec<InDoubt> {
    store.doubts().take_in_doubt(limit, &BACKOFF).await.expect("the store answers")
}

pub(super) async fn taken_ids(store: &dyn Fixture, limit: u32) -> Vec<MessageId> {
    take(store, limit).await.iter().map(|doubt| doubt.id).collect()
}

pub(super) async fn take_one(store: &dyn Fixture) -> InDoubt {
    let mut taken = take(store, 9).await;
    assert_eq!(taken.len(), 1);
    taken.remove(0)
}

pub(super) async fn settle(store: &dyn Fixture, doubt: &InDoubt, resolution: &Resolution) -> bool {
    store.doubts().settle(doubt, resolution).await.expect("the store answers")
}

/// A message that was sent once, and nobody knows how that ended.
pub(super) async fn park(store: &dyn Fixture) -> ClaimedMessage {
    free_flow(store).await;
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    finish(store, &message, &unknown()).await;
    message
}

pub(super) async fn parked(store: &dyn Fixture) -> (ClaimedMessage, InDoubt) {
    let message = park(store).await;
    (message, take_one(store).await)
}

/// Due at once.
pub(super) fn resend(until: Option<jiff::Timestamp>) -> Resolution {
    Resolution::Resend { after: Duration::ZERO, until }
}

pub(super) fn sent(proof: Proof) -> Resolution {
    Resolution::Sent { proof, provider_message_id: ProviderMessageId::parse("provider-1") }
}

pub(super) fn by_receipt(message: &ClaimedMessage) -> Resolution {
    sent(Proof::Receipt { attempt: message.lease.attempt, token: message.lease.token })
}
