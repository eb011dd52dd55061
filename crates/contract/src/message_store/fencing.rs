//! Who may still record an outcome. In each test one guard alone says no.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        accepted, claim_one, enqueue, finish, free_flow, not_sent, pass, refused, request, unknown,
    },
};
use dispatcher_domain::{
    ClaimRequest, ClaimResult, ClaimedMessage, LeaseToken, Status, ports::Recorded,
};
use std::time::Duration;
use uuid::Uuid;

/// A message whose owner slept beyond its lease.
async fn rescued(store: &dyn Fixture) -> ClaimedMessage {
    free_flow(store).await;
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    pass(store, 61).await;
    assert_eq!(store.messages().rescue_expired(Duration::ZERO, 9).await.unwrap().len(), 1);
    message
}

fn with_token(message: &ClaimedMessage, token: Uuid) -> ClaimedMessage {
    let mut other = message.clone();
    other.lease.token = LeaseToken(token);
    other
}

fn with_attempt(message: &ClaimedMessage, attempt: i32) -> ClaimedMessage {
    let mut other = message.clone();
    other.lease.attempt = attempt;
    other
}

/// Token and attempt still match the row: the rescue keeps both.
pub async fn only_the_status_stops_a_late_deferral(store: &dyn Fixture) {
    let message = rescued(store).await;
    for late in [not_sent(), unknown()] {
        let before = store.row(message.id).await;
        assert_eq!(finish(store, &message, &late).await, Recorded::Fenced);
        assert_eq!(store.row(message.id).await, before);
    }
}

/// Status and attempt match.
pub async fn only_the_token_stops_a_strangers_completion(store: &dyn Fixture) {
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    let stranger = with_token(&message, Uuid::new_v4());
    for completion in [not_sent(), refused(), unknown()] {
        assert_eq!(finish(store, &stranger, &completion).await, Recorded::Fenced);
        assert_eq!(store.row(message.id).await.status, Status::Sending);
    }
}

/// Status and token match.
pub async fn only_the_attempt_stops_an_earlier_completion(store: &dyn Fixture) {
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    let earlier = with_attempt(&message, 0);
    for completion in [not_sent(), refused(), unknown(), accepted()] {
        assert_eq!(finish(store, &earlier, &completion).await, Recorded::Fenced);
        assert_eq!(store.row(message.id).await.status, Status::Sending);
    }
}

/// Id, status, token and attempt match: ids may begin anew, with the rows of
/// others behind them.
pub async fn only_the_uuid_stops_a_completion_for_an_id_given_away_again(store: &dyn Fixture) {
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    let mut former = message.clone();
    former.lease.uuid = Uuid::new_v4();
    for completion in [not_sent(), refused(), unknown(), accepted()] {
        assert_eq!(finish(store, &former, &completion).await, Recorded::Fenced);
        assert_eq!(store.row(message.id).await.status, Status::Sending);
    }
    assert!(!store.messages().release(former.id, &former.lease).await.unwrap());
    assert_eq!(store.row(message.id).await.status, Status::Sending);
}

/// Token and attempt match: rows keep both when a send ends.
pub async fn only_the_status_keeps_what_has_ended_from_being_given_back(store: &dyn Fixture) {
    let parked = rescued(store).await;
    enqueue(store, 1).await;
    let sent = claim_one(store).await;
    finish(store, &sent, &accepted()).await;
    for message in [parked, sent] {
        let before = store.row(message.id).await;
        let release = store.messages().release_claim(message.lease.token);
        assert_eq!(release.await.unwrap(), 0);
        assert_eq!(store.row(message.id).await, before);
    }
}

pub async fn release_is_fenced_by_status_token_and_attempt_alike(store: &dyn Fixture) {
    let parked = rescued(store).await;
    let release = async |message: &ClaimedMessage| {
        store.messages().release(message.id, &message.lease).await.unwrap()
    };
    assert!(!release(&parked).await, "status");
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    assert!(!release(&with_token(&message, Uuid::new_v4())).await, "token");
    assert!(!release(&with_attempt(&message, 7)).await, "attempt");
    assert_eq!(store.row(message.id).await.status, Status::Sending);
    assert!(release(&message).await);
}

pub async fn late_proof_of_acceptance_wins_over_every_status(store: &dyn Fixture) {
    // unconfirmed
    let message = rescued(store).await;
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::AppliedLate);
    assert_eq!(store.row(message.id).await.status, Status::Sent);
    // queued again
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    store.messages().release(message.id, &message.lease).await.unwrap();
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::AppliedLate);
    assert_eq!(store.row(message.id).await.status, Status::Sent);
    // failed
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    finish(store, &message, &refused()).await;
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::AppliedLate);
    // sending in a later attempt
    enqueue(store, 1).await;
    let first = claim_one(store).await;
    store.messages().release(first.id, &first.lease).await.unwrap();
    let second = claim_one(store).await;
    assert_eq!((second.id, second.lease.attempt), (first.id, 2));
    assert_eq!(finish(store, &first, &accepted()).await, Recorded::AppliedLate);
    assert_eq!(finish(store, &second, &refused()).await, Recorded::Fenced);
    assert_eq!(store.row(first.id).await.status, Status::Sent);
}

pub async fn an_acceptance_without_an_attempt_on_record_is_no_proof(store: &dyn Fixture) {
    let message = rescued(store).await;
    let forged = [with_token(&message, Uuid::new_v4()), with_attempt(&message, 9)];
    for forged in forged {
        assert_eq!(finish(store, &forged, &accepted()).await, Recorded::Fenced);
    }
    assert_eq!(store.row(message.id).await.status, Status::Unconfirmed);
}

pub async fn a_late_refusal_of_the_current_attempt_counts(store: &dyn Fixture) {
    let message = rescued(store).await;
    assert_eq!(store.row(message.id).await.unknown_outcomes, 1);
    assert_eq!(finish(store, &message, &refused()).await, Recorded::AppliedLate);
    let row = store.row(message.id).await;
    assert_eq!((row.status, row.unknown_outcomes), (Status::Failed, 0), "now it is known");
}

pub async fn a_late_refusal_of_an_earlier_attempt_does_not_count(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 1).await;
    let first = claim_one(store).await;
    store.messages().release(first.id, &first.lease).await.unwrap();
    let second = claim_one(store).await;
    finish(store, &second, &unknown()).await;
    assert_eq!(finish(store, &first, &refused()).await, Recorded::Fenced);
    assert_eq!(store.row(first.id).await.status, Status::Unconfirmed);
}

/// Its START is on record, and token and status match: an owner that claims
/// under one token again.
pub async fn only_the_attempt_stops_a_late_refusal_of_an_earlier_one(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 1).await;
    let request = request(1);
    let first = claim_with(store, &request).await;
    store.messages().release(first.id, &first.lease).await.unwrap();
    let second = claim_with(store, &request).await;
    assert_eq!((second.lease.attempt, second.lease.token), (2, first.lease.token));
    finish(store, &second, &unknown()).await;
    assert_eq!(finish(store, &first, &refused()).await, Recorded::Fenced);
    assert_eq!(store.row(first.id).await.status, Status::Unconfirmed);
}

async fn claim_with(store: &dyn Fixture, request: &ClaimRequest) -> ClaimedMessage {
    match store.messages().claim_due(request).await.unwrap().result {
        ClaimResult::Started(mut messages) => messages.remove(0),
        other => panic!("nothing was started: {other:?}"),
    }
}

/// Status and attempt match.
pub async fn only_the_token_stops_a_strangers_late_refusal(store: &dyn Fixture) {
    let message = rescued(store).await;
    let stranger = with_token(&message, Uuid::new_v4());
    assert_eq!(finish(store, &stranger, &refused()).await, Recorded::Fenced);
    assert_eq!(store.row(message.id).await.status, Status::Unconfirmed);
}
