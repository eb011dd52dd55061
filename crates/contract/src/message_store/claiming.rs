//! From `queued` to `sending`.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        ANNA, LEASE, claim, claim_ids, claim_one, enqueue, finish, free_flow, not_sent, pass,
        request,
    },
};
use dispatcher_domain::{ClaimResult, IdempotencyKey, Status};
use std::time::Duration;

pub async fn an_empty_queue_starts_nothing_and_spends_no_tick(store: &dyn Fixture) {
    let before = store.control().snapshot().await.unwrap().state;
    let result = claim(store, 1).await.result;
    assert_eq!(result, ClaimResult::Empty { next_due_in: None });
    assert_eq!(store.control().snapshot().await.unwrap().state, before);
}

pub async fn a_claim_makes_the_head_sending_and_writes_its_attempt(store: &dyn Fixture) {
    let ids = enqueue(store, 2).await;
    let request = request(1);
    let ClaimResult::Started(messages) = store.messages().claim_due(&request).await.unwrap().result
    else {
        panic!("must start")
    };
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].id, messages[0].lease.attempt), (ids[0], 1));
    assert_eq!(messages[0].lease.token, request.token);
    let row = store.row(ids[0]).await;
    assert_eq!((row.status, row.attempt, row.tries_used), (Status::Sending, 1, 0));
    let attempts = store.attempts(ids[0]).await;
    assert_eq!((attempts.len(), attempts[0].attempt, attempts[0].outcome.clone()), (1, 1, None));
    let now = store.control().snapshot().await.unwrap().now;
    assert_eq!(attempts[0].started_at, now);
    assert_eq!(store.row(ids[1]).await.status, Status::Queued);
}

pub async fn a_sending_message_is_invisible_until_its_lease_ends(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 1).await;
    claim_one(store).await;
    pass(store, 59).await;
    assert_eq!(claim_ids(store, 10).await, []);
    // Past its lease it is not simply taken again: nobody knows what happened.
    pass(store, 3600).await;
    assert_eq!(claim_ids(store, 10).await, []);
    assert_eq!(store.row(ids[0]).await.status, Status::Sending);
}

pub async fn rows_inserted_by_sql_are_claimed_like_any_other(store: &dyn Fixture) {
    let id = store.insert_unchecked("1234567890", "plain").await;
    let message = claim_one(store).await;
    assert_eq!(message.id, id);
    assert_eq!((message.phone_number.as_str(), message.body.as_str()), ("1234567890", "plain"));
}

pub async fn an_empty_queue_tells_when_the_next_message_falls_due(store: &dyn Fixture) {
    let id = store.insert_unchecked(ANNA, "later").await;
    store.schedule(id, Duration::from_secs(90)).await;
    let result = claim(store, 1).await.result;
    assert_eq!(result, ClaimResult::Empty { next_due_in: Some(Duration::from_secs(90)) });
    pass(store, 90).await;
    assert_eq!(claim_ids(store, 1).await, [id]);
}

pub async fn the_idempotency_key_is_the_same_in_every_attempt(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 1).await;
    let first = claim_one(store).await;
    finish(store, &first, &not_sent()).await;
    pass(store, i64::try_from(LEASE.as_secs()).unwrap()).await;
    let second = claim_one(store).await;
    assert_eq!((second.lease.attempt, &second.key), (2, &first.key));
    assert_eq!(first.key, IdempotencyKey::new(first.lease.uuid, 0));
}
