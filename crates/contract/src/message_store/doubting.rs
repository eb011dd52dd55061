//! Messages in doubt: each has its turn.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    doubt_steps::{park, parked, resend, settle, take_one, taken_ids},
    steps::{
        accepted, claim_one, enqueue, finish, free_flow, not_sent, pass, refused, unknown,
        unreachable,
    },
};
use dispatcher_domain::ports::Recorded;
use std::time::Duration;

pub async fn a_message_parked_just_now_is_taken_at_once_with_all_that_is_known(
    store: &dyn Fixture,
) {
    let message = park(store).await;
    pass(store, 5).await;
    let doubt = take_one(store).await;
    assert_eq!((doubt.id, doubt.uuid, doubt.key()), (message.id, message.lease.uuid, message.key));
    assert_eq!((doubt.attempt, doubt.tries_used), (1, 1));
    assert_eq!(doubt.reason.as_str(), "unknown_timeout");
    let [attempt] = doubt.attempts.as_slice() else { panic!("{doubt:?}") };
    assert_eq!((attempt.attempt, attempt.token), (1, message.lease.token));
    assert_eq!(doubt.key_used_since, Some(attempt.started_at));
    assert_eq!(doubt.now, attempt.started_at + Duration::from_secs(5));
}

pub async fn only_sends_of_unknown_outcome_are_in_doubt_but_the_key_is_used_by_all(
    store: &dyn Fixture,
) {
    free_flow(store).await;
    enqueue(store, 1).await;
    let deferred = claim_one(store).await;
    finish(store, &deferred, &not_sent()).await;
    pass(store, 30).await;
    let vanished = claim_one(store).await;
    pass(store, 61).await;
    store.messages().rescue_expired(Duration::ZERO, 9).await.unwrap();
    let doubt = take_one(store).await;
    assert_eq!(doubt.attempt, 2);
    let [attempt] = doubt.attempts.as_slice() else { panic!("{doubt:?}") };
    assert_eq!((attempt.attempt, attempt.token), (2, vanished.lease.token));
    let waited = attempt.started_at.duration_since(doubt.key_used_since.expect("it was used"));
    assert_eq!(waited.as_secs(), 30);
}

pub async fn a_key_that_never_left_is_as_old_as_its_first_start(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 1).await;
    let frozen = claim_one(store).await;
    pass(store, 61).await;
    store.messages().rescue_expired(Duration::ZERO, 9).await.unwrap();
    // Its owner comes back, and never reached the provider: too late for the
    // row, and no reason to leave it in doubt for ever.
    assert_eq!(finish(store, &frozen, &unreachable()).await, Recorded::Fenced);
    let doubt = take_one(store).await;
    let since = doubt.key_used_since.expect("the first START under it");
    assert_eq!(doubt.now.duration_since(since).as_secs(), 61);
}

pub async fn what_is_not_in_doubt_is_not_taken(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 4).await;
    for end in [accepted(), refused(), not_sent()] {
        let message = claim_one(store).await;
        finish(store, &message, &end).await;
    }
    claim_one(store).await;
    assert_eq!(taken_ids(store, 9).await, []);
}

pub async fn what_is_not_in_doubt_takes_nobodys_turn(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 1).await;
    let sent = claim_one(store).await;
    finish(store, &sent, &accepted()).await;
    let parked = park(store).await;
    assert_eq!(taken_ids(store, 1).await, [parked.id]);
}

pub async fn each_look_is_followed_by_a_longer_wait_up_to_a_cap(store: &dyn Fixture) {
    let id = park(store).await.id;
    for wait in [30, 60, 100, 100] {
        assert_eq!(taken_ids(store, 9).await, [id]);
        pass(store, wait - 1).await;
        assert_eq!(taken_ids(store, 9).await, [], "before {wait} s are over");
        pass(store, 1).await;
    }
}

pub async fn a_message_in_doubt_is_taken_by_one_caller_at_a_time(store: &dyn Fixture) {
    let id = park(store).await.id;
    assert_eq!(taken_ids(store, 9).await, [id]);
    assert_eq!(taken_ids(store, 9).await, []);
}

pub async fn with_any_limit_every_message_has_its_turn(store: &dyn Fixture) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(park(store).await.id);
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(taken_ids(store, 2).await);
    }
    assert_eq!(seen, ids, "longest due first");
    // All of them are due again, and a new one has to get round as well.
    pass(store, 1000).await;
    let late = park(store).await.id;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(taken_ids(store, 2).await);
    }
    assert_eq!(seen.first(), Some(&late), "longest due, although the youngest");
    seen.sort();
    assert_eq!(seen, [ids, vec![late]].concat());
}

pub async fn a_message_parked_anew_is_due_at_once_again(store: &dyn Fixture) {
    let (_, doubt) = parked(store).await;
    assert!(settle(store, &doubt, &resend(None)).await);
    let again = claim_one(store).await;
    finish(store, &again, &unknown()).await;
    let doubt = take_one(store).await;
    assert_eq!((doubt.attempt, doubt.tries_used, doubt.attempts.len()), (2, 2, 2));
    pass(store, 30).await;
    assert_eq!(taken_ids(store, 9).await, [doubt.id], "and waits begin anew");
}

pub async fn a_wait_from_a_clock_set_back_is_shortened(store: &dyn Fixture) {
    let (_, doubt) = parked(store).await;
    pass(store, -150).await;
    assert_eq!(taken_ids(store, 9).await, [], "180 s may be right");
    pass(store, -30).await;
    assert_eq!(taken_ids(store, 9).await, [doubt.id], "more than twice the cap is not");
}
