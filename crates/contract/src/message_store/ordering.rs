//! In which order sends start, and how many at a time.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        ANNA, BORA, accepted, claim, claim_ids, claim_one, enqueue, finish, free_flow, not_sent,
        pace, pass, unknown,
    },
};
use dispatcher_domain::{ClaimResult, HoldReason, Ordering};
use std::time::Duration;

pub async fn priority_then_age_then_id_decides(store: &dyn Fixture) {
    free_flow(store).await;
    let old = enqueue(store, 2).await;
    pass(store, 1).await;
    let young = enqueue(store, 2).await;
    store.set_priority(young[1], 5).await;
    store.set_priority(old[0], -5).await;
    let expected = [young[1], old[1], young[0], old[0]];
    for expected in expected {
        assert_eq!(claim_ids(store, 1).await, [expected]);
    }
}

pub async fn strict_order_sends_one_at_a_time(store: &dyn Fixture) {
    pace(store, 100, 0, Ordering::Strict).await;
    let ids = enqueue(store, 2).await;
    let first = claim_one(store).await;
    let ClaimResult::Held(hold) = claim(store, 64).await.result else { panic!("must wait") };
    assert_eq!(hold.reason, HoldReason::Busy);
    finish(store, &first, &accepted()).await;
    assert_eq!(claim_ids(store, 64).await, [ids[1]]);
}

pub async fn strict_order_waits_for_what_began_without_an_order(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 3).await;
    let first = claim_one(store).await;
    claim_one(store).await;
    pace(store, 1, 0, Ordering::Strict).await;
    finish(store, &first, &accepted()).await;
    assert_eq!(claim_ids(store, 1).await, [], "the second one is still in flight");
    pass(store, 60).await;
    assert_eq!(claim_ids(store, 1).await, ids[2..]);
}

pub async fn one_recipient_with_many_messages_does_not_hold_up_the_claim(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    let first = store.insert_unchecked(ANNA, "0").await;
    for n in 1..300 {
        store.insert_unchecked(ANNA, &n.to_string()).await;
    }
    let bora = store.insert_unchecked(BORA, "0").await;
    assert_eq!(claim_ids(store, 64).await, [first, bora]);
}

pub async fn strict_order_goes_on_when_the_lease_ends(store: &dyn Fixture) {
    pace(store, 100, 0, Ordering::Strict).await;
    let ids = enqueue(store, 2).await;
    claim_one(store).await;
    pass(store, 59).await;
    assert_eq!(claim_ids(store, 1).await, []);
    pass(store, 1).await;
    assert_eq!(claim_ids(store, 1).await, [ids[1]]);
}

pub async fn a_late_end_does_not_let_a_second_one_start_in_strict_order(store: &dyn Fixture) {
    pace(store, 100, 0, Ordering::Strict).await;
    let ids = enqueue(store, 3).await;
    let frozen = claim_one(store).await;
    pass(store, 60).await;
    assert_eq!(claim_ids(store, 1).await, [ids[1]]);
    finish(store, &frozen, &accepted()).await;
    assert_eq!(claim_ids(store, 1).await, [], "the second one is in flight");
}

pub async fn recipient_order_never_sends_two_to_one_number(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    let anna = [store.insert_unchecked(ANNA, "1").await, store.insert_unchecked(ANNA, "2").await];
    let bora = store.insert_unchecked(BORA, "3").await;
    let ClaimResult::Started(messages) = claim(store, 64).await.result else { panic!("starts") };
    let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
    assert_eq!(ids, [anna[0], bora]);
    assert_eq!(claim_ids(store, 64).await, []);
    finish(store, &messages[0], &accepted()).await;
    assert_eq!(claim_ids(store, 64).await, [anna[1]]);
}

pub async fn a_recipient_in_flight_does_not_hold_up_the_others(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    let anna = store.insert_unchecked(ANNA, "1").await;
    store.insert_unchecked(ANNA, "2").await;
    let bora = store.insert_unchecked(BORA, "3").await;
    assert_eq!(claim_ids(store, 1).await, [anna]);
    assert_eq!(claim_ids(store, 64).await, [bora]);
}

pub async fn recipient_order_is_not_blocked_by_parked_or_scheduled_rows(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    let parked = store.insert_unchecked(ANNA, "1").await;
    let deferred = store.insert_unchecked(BORA, "2").await;
    let ClaimResult::Started(messages) = claim(store, 64).await.result else { panic!("starts") };
    assert_eq!([messages[0].id, messages[1].id], [parked, deferred]);
    finish(store, &messages[0], &unknown()).await;
    finish(store, &messages[1], &not_sent()).await;
    let next = [store.insert_unchecked(ANNA, "3").await, store.insert_unchecked(BORA, "4").await];
    assert_eq!(claim_ids(store, 64).await, next);
}

pub async fn recipient_order_knows_a_number_by_its_digits(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    let plain = store.insert_unchecked("+15551234567", "1").await;
    for spelling in ["+1 (555) 123-4567", "15551234567", "0015551234567", "+1555\u{a0}1234567"] {
        store.insert_unchecked(spelling, "2").await;
    }
    assert_eq!(claim_ids(store, 64).await, [plain]);
    assert_eq!(claim_ids(store, 64).await, [], "nor while it is in flight");
}

pub async fn no_order_starts_as_many_as_wanted(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 5).await;
    let same = store.insert_unchecked(&format!("+90555{:07}", 0), "again").await;
    store.schedule(ids[4], Duration::from_secs(5)).await;
    assert_eq!(claim_ids(store, 2).await, ids[..2]);
    assert_eq!(claim_ids(store, 64).await, [ids[2], ids[3], same]);
}
