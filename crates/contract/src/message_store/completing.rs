//! How sends end.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        accepted, claim_ids, claim_one, enqueue, finish, free_flow, malformed, misconfigured,
        not_sent, pass, refused, request, started, telling, unknown,
    },
};
use dispatcher_domain::{
    BreakerPolicy, Completion, ProviderSignal, Status, StatusReason, ports::Recorded,
};
use std::time::Duration;

async fn outcome(store: &dyn Fixture, id: dispatcher_domain::MessageId) -> Option<String> {
    store.attempts(id).await.last().and_then(|attempt| attempt.outcome.clone())
}

pub async fn an_accepted_message_is_sent_with_the_providers_id(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let message = claim_one(store).await;
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::Applied);
    let row = store.row(id).await;
    assert_eq!((row.status, row.status_reason), (Status::Sent, None));
    assert_eq!(row.provider_message_id.as_deref(), Some("provider-1"));
    assert_eq!(outcome(store, id).await.as_deref(), Some("accepted"));
}

pub async fn an_acceptance_without_an_id_is_sent_and_flagged(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let message = claim_one(store).await;
    finish(store, &message, &malformed()).await;
    let row = store.row(id).await;
    assert_eq!(row.status, Status::Sent);
    assert_eq!(row.status_reason.as_deref(), Some("receipt_malformed"));
    assert_eq!(row.provider_message_id, None);
}

pub async fn a_deferred_message_waits_and_rejoins_at_its_place(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 2).await;
    let first = claim_one(store).await;
    finish(store, &first, &not_sent()).await;
    let row = store.row(ids[0]).await;
    assert_eq!((row.status, row.scheduled, row.tries_used), (Status::Queued, true, 0));
    assert_eq!(row.status_reason.as_deref(), Some("not_sent_503"));
    pass(store, 30).await;
    // Due again, it stands before the younger one.
    assert_eq!(claim_ids(store, 1).await, [ids[0]]);
}

pub async fn a_message_deferred_by_nothing_keeps_its_place(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 2).await;
    let first = claim_one(store).await;
    finish(store, &first, &misconfigured()).await;
    assert!(!store.row(ids[0]).await.scheduled);
    assert_eq!(claim_ids(store, 1).await, [ids[0]]);
}

pub async fn a_refused_message_is_a_dead_letter_with_its_reason(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let message = claim_one(store).await;
    finish(store, &message, &refused()).await;
    let row = store.row(id).await;
    assert_eq!((row.status, row.status_reason.as_deref()), (Status::Failed, Some("refused_422")));
    assert_eq!(row.unknown_outcomes, 0);
}

pub async fn an_unknown_outcome_parks_the_message_and_is_counted(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let message = claim_one(store).await;
    finish(store, &message, &unknown()).await;
    let row = store.row(id).await;
    assert_eq!(row.status, Status::Unconfirmed);
    assert_eq!(row.status_reason.as_deref(), Some("unknown_timeout"));
    assert_eq!((row.unknown_outcomes, row.tries_used), (1, 1));
    assert_eq!(outcome(store, id).await.as_deref(), Some("unknown"));
}

pub async fn the_same_completion_twice_is_one(store: &dyn Fixture) {
    for completion in [accepted(), not_sent(), refused(), unknown()] {
        free_flow(store).await;
        let id = enqueue(store, 1).await[0];
        let message = claim_one(store).await;
        assert_eq!(finish(store, &message, &completion).await, Recorded::Applied);
        let once = store.row(id).await;
        assert_eq!(finish(store, &message, &completion).await, Recorded::Applied);
        assert_eq!(store.row(id).await, once);
    }
}

/// The control row, too, hears of each end once.
pub async fn a_failure_told_twice_counts_once_for_the_breaker(store: &dyn Fixture) {
    let policy = BreakerPolicy::default();
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    let reason = StatusReason::of("unknown_timeout");
    let failing = telling(ProviderSignal::Failing { reason, policy }, unknown());
    finish(store, &message, &failing).await;
    let once = store.control().snapshot().await.unwrap();
    assert_eq!(once.state.breaker.failures, 1);
    finish(store, &message, &failing).await;
    assert_eq!(store.control().snapshot().await.unwrap(), once);
}

pub async fn a_released_message_is_queued_at_its_place_and_costs_no_try(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 2).await;
    let message = claim_one(store).await;
    assert!(store.messages().release(message.id, &message.lease).await.unwrap());
    let row = store.row(ids[0]).await;
    assert_eq!((row.status, row.tries_used, row.scheduled), (Status::Queued, 0, false));
    assert_eq!(outcome(store, ids[0]).await.as_deref(), Some("released"));
    let again = claim_one(store).await;
    assert_eq!((again.id, again.lease.attempt), (ids[0], 2), "attempts only grow");
    assert!(!store.messages().release(message.id, &message.lease).await.unwrap());
}

pub async fn a_whole_claim_is_released_by_its_token_alone(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 3).await;
    let others = claim_one(store).await;
    let request = request(2);
    store.messages().claim_due(&request).await.unwrap();
    assert_eq!(store.messages().release_claim(request.token).await.unwrap(), 2);
    assert_eq!(store.messages().release_claim(request.token).await.unwrap(), 0);
    assert_eq!(store.row(others.id).await.status, Status::Sending);
    assert_eq!(claim_ids(store, 9).await, ids[1..]);
}

pub async fn the_legacy_column_mirrors_every_status(store: &dyn Fixture) {
    free_flow(store).await;
    let ends: [fn() -> Completion; 4] = [accepted, refused, unknown, not_sent];
    enqueue(store, ends.len() + 1).await;
    let mut messages = started(store, 9).await;
    let sending = messages.pop().expect("five were started");
    for (message, end) in messages.iter().zip(ends) {
        finish(store, message, &end()).await;
    }
    for id in messages.iter().map(|message| message.id).chain([sending.id]) {
        let row = store.row(id).await;
        assert_eq!(row.legacy_sent, row.status.legacy_sent(), "{:?}", row.status);
    }
    pass(store, 1).await;
    store.messages().rescue_expired(Duration::ZERO, 9).await.unwrap();
}
