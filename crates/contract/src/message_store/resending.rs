//! Messages in doubt that are sent again.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    doubt_steps::{parked, resend, settle, take_one, taken_ids},
    steps::{LEASE, claim_ids, claim_one, enqueue, finish, not_sent, pass},
};
use dispatcher_domain::{OperatorCommand, OperatorRequest, Resolution, Status, ports::Decided};
use std::time::Duration;

pub async fn a_resend_rejoins_at_its_place_under_the_same_key(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let younger = enqueue(store, 1).await[0];
    let after = Duration::from_secs(10);
    assert!(settle(store, &doubt, &Resolution::Resend { after, until: None }).await);
    let row = store.row(message.id).await;
    assert_eq!((row.status, row.status_reason.as_deref()), (Status::Queued, Some("resend")));
    assert_eq!((row.tries_used, row.unknown_outcomes), (1, 1), "the park has counted it");
    assert!(row.scheduled && row.legacy_sent == Some(false));
    pass(store, 9).await;
    assert_eq!(claim_ids(store, 1).await, [younger], "not due yet");
    enqueue(store, 1).await;
    pass(store, 1).await;
    let again = claim_one(store).await;
    assert_eq!((again.id, again.key, again.lease.attempt), (message.id, message.key, 2));
}

pub async fn a_resend_whose_time_is_over_does_not_start_and_costs_nothing(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let until = doubt.now + Duration::from_secs(20);
    assert!(settle(store, &doubt, &resend(Some(until))).await);
    let other = enqueue(store, 1).await[0];
    pass(store, 20).await;
    assert_eq!(claim_ids(store, 1).await, [other], "and it takes nobody's place");
    let row = store.row(message.id).await;
    assert_eq!(row.status, Status::Unconfirmed);
    assert_eq!(row.status_reason.as_deref(), Some("key_window_over"));
    assert_eq!((row.attempt, row.tries_used, row.scheduled), (1, 1, false));
    assert_eq!(store.attempts(message.id).await.len(), 1);
    assert_eq!(taken_ids(store, 9).await, [message.id], "it is looked at again at once");
}

pub async fn a_resend_starts_until_its_time_is_over(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let until = doubt.now + Duration::from_secs(20);
    assert!(settle(store, &doubt, &resend(Some(until))).await);
    pass(store, 19).await;
    assert_eq!(claim_ids(store, 1).await, [message.id]);
}

/// The operator knows of the doubt, and forces it.
pub async fn an_operators_requeue_lifts_the_time_of_a_resend(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let until = doubt.now + Duration::from_secs(20);
    assert!(settle(store, &doubt, &resend(Some(until))).await);
    for command in [OperatorCommand::Cancel, OperatorCommand::Requeue { force: true }] {
        let request = OperatorRequest { command, seen_attempt: None };
        let window = Duration::from_secs(100);
        let decided = store.operators().decide(message.id, &request, window).await.unwrap();
        assert!(matches!(decided, Decided::Done(_)), "{decided:?}");
    }
    pass(store, 20).await;
    assert_eq!(claim_ids(store, 1).await, [message.id]);
}

/// Neither way back into the queue says anything about the send in doubt.
pub async fn the_time_of_a_resend_outlasts_a_deferral_and_a_release(store: &dyn Fixture) {
    for released in [false, true] {
        let (message, doubt) = parked(store).await;
        let until = doubt.now + Duration::from_secs(40);
        assert!(settle(store, &doubt, &resend(Some(until))).await);
        let again = claim_one(store).await;
        if released {
            assert!(store.messages().release(again.id, &again.lease).await.unwrap());
        } else {
            finish(store, &again, &not_sent()).await;
        }
        pass(store, 40).await;
        assert_eq!(claim_ids(store, 1).await, [], "released: {released}");
        assert_eq!(store.row(message.id).await.status, Status::Unconfirmed);
        let doubt = take_one(store).await;
        assert!(settle(store, &doubt, &Resolution::Fail).await);
    }
}

pub async fn a_later_doubt_has_a_time_of_its_own(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let until = doubt.now + Duration::from_secs(20);
    assert!(settle(store, &doubt, &resend(Some(until))).await);
    claim_one(store).await;
    pass(store, 1 + LEASE.as_secs().cast_signed()).await;
    store.messages().rescue_expired(Duration::ZERO, 9).await.unwrap();
    let doubt = take_one(store).await;
    assert!(settle(store, &doubt, &resend(None)).await);
    assert_eq!(claim_ids(store, 1).await, [message.id], "without a limit this time");
}
