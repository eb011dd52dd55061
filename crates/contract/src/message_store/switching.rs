//! The operator's switch and the shared pace.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{accepted, claim, claim_ids, claim_one, enqueue, finish, free_flow, pace, pass},
};
use dispatcher_domain::{ClaimResult, HoldReason, Ordering};
use std::time::Duration;

async fn is_stopped(store: &dyn Fixture) -> bool {
    matches!(claim(store, 1).await.result,
             ClaimResult::Held(hold) if hold.reason == HoldReason::Stopped)
}

pub async fn nothing_starts_after_a_stop_until_a_start(store: &dyn Fixture) {
    let ids = enqueue(store, 1).await;
    store.control().set_enabled(false).await.unwrap();
    assert!(is_stopped(store).await);
    pass(store, 1_000_000).await;
    // A restart of a replica does not start what an operator stopped.
    pace(store, 2, 120, Ordering::Strict).await;
    assert!(is_stopped(store).await);
    store.control().set_enabled(true).await.unwrap();
    assert_eq!(claim_ids(store, 1).await, ids);
}

pub async fn the_switch_tells_what_it_was(store: &dyn Fixture) {
    let flip = async |on| store.control().set_enabled(on).await.unwrap();
    assert!(flip(true).await, "a new queue is on");
    assert!(flip(false).await);
    assert!(!flip(false).await);
    assert!(!flip(true).await);
}

pub async fn a_stop_holds_without_a_quota_too(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 3).await;
    assert_eq!(claim_ids(store, 1).await.len(), 1);
    store.control().set_enabled(false).await.unwrap();
    assert!(is_stopped(store).await);
    store.control().set_enabled(true).await.unwrap();
    assert_eq!(claim_ids(store, 9).await.len(), 2);
}

pub async fn the_snapshot_counts_what_is_in_flight(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 3).await;
    let in_flight = async || store.control().snapshot().await.unwrap().in_flight;
    assert_eq!(in_flight().await, 0);
    let first = claim_one(store).await;
    claim_one(store).await;
    assert_eq!(in_flight().await, 2);
    finish(store, &first, &accepted()).await;
    assert_eq!(in_flight().await, 1);
    pass(store, 61).await;
    assert_eq!(in_flight().await, 0, "nobody is at work past a lease");
}

pub async fn the_last_policy_installed_is_obeyed_by_all(store: &dyn Fixture) {
    pace(store, 5, 60, Ordering::None).await;
    pace(store, 3, 90, Ordering::Recipient).await;
    enqueue(store, 9).await;
    assert_eq!(claim_ids(store, 64).await.len(), 3);
    let policy = store.control().snapshot().await.unwrap().state.policy;
    assert_eq!((policy.batch_size.get(), policy.ordering), (3, Ordering::Recipient));
    assert_eq!(policy.period, Duration::from_secs(90));
}
