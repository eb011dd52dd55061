//! Messages whose owner vanished.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{accepted, claim_ids, claim_one, enqueue, finish, free_flow, pass, started},
};
use dispatcher_domain::{MessageId, Status};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(5);

async fn rescue(store: &dyn Fixture, grace: Duration, limit: u32) -> Vec<MessageId> {
    let rescued = store.messages().rescue_expired(grace, limit).await.unwrap();
    rescued.iter().map(|rescued| rescued.id).collect()
}

pub async fn only_the_lease_keeps_a_message_from_rescue(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    claim_one(store).await;
    pass(store, 59).await;
    assert_eq!(rescue(store, Duration::ZERO, 9).await, []);
    pass(store, 2).await;
    assert_eq!(rescue(store, Duration::ZERO, 9).await, [id]);
}

pub async fn only_the_grace_keeps_a_message_from_rescue(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    claim_one(store).await;
    pass(store, 64).await;
    assert_eq!(rescue(store, GRACE, 9).await, []);
    pass(store, 2).await;
    assert_eq!(rescue(store, GRACE, 9).await, [id]);
}

pub async fn a_rescued_message_is_unconfirmed_and_counted(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    claim_one(store).await;
    pass(store, 66).await;
    rescue(store, GRACE, 9).await;
    let row = store.row(id).await;
    assert_eq!((row.status, row.legacy_sent), (Status::Unconfirmed, None));
    assert_eq!(row.status_reason.as_deref(), Some("lease_expired"));
    assert_eq!((row.unknown_outcomes, row.tries_used), (1, 1));
    let attempts = store.attempts(id).await;
    assert_eq!(attempts[0].outcome.as_deref(), Some("abandoned"));
}

pub async fn a_rescue_takes_no_more_than_its_limit_oldest_first(store: &dyn Fixture) {
    free_flow(store).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.extend(enqueue(store, 1).await);
        let message = claim_one(store).await;
        assert_eq!(Some(&message.id), ids.last());
        pass(store, 1).await;
    }
    pass(store, 100).await;
    assert_eq!(rescue(store, GRACE, 2).await, ids[..2]);
    assert_eq!(rescue(store, GRACE, 2).await, ids[2..]);
}

/// Leases of one moment end in one moment; the last of them was taken first.
pub async fn of_leases_that_end_together_the_oldest_message_is_rescued_first(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 3).await;
    store.set_priority(ids[2], 1).await;
    assert_eq!(claim_one(store).await.id, ids[2]);
    started(store, 2).await;
    pass(store, 100).await;
    assert_eq!(rescue(store, GRACE, 1).await, ids[..1]);
    assert_eq!(rescue(store, GRACE, 1).await, ids[1..2]);
    assert_eq!(rescue(store, GRACE, 1).await, ids[2..]);
}

pub async fn a_lease_from_a_clock_set_back_is_shortened(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let message = claim_one(store).await;
    pass(store, -1_000_000).await;
    assert_eq!(rescue(store, GRACE, 9).await, [], "the owner may still be at work");
    pass(store, 66).await;
    assert_eq!(rescue(store, GRACE, 9).await, [id]);
    finish(store, &message, &accepted()).await;
    assert_eq!(store.row(id).await.status, Status::Sent);
}

pub async fn a_rescued_message_is_never_claimed_again_by_itself(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 1).await;
    claim_one(store).await;
    pass(store, 66).await;
    rescue(store, GRACE, 9).await;
    pass(store, 1_000_000).await;
    assert_eq!(claim_ids(store, 9).await, []);
}
