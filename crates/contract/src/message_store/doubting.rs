//! Messages in doubt: taken in turn, and given up by nobody else.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        LEASE, accepted, claim_ids, claim_one, enqueue, finish, free_flow, not_sent, pass, refused,
        unknown,
    },
};
use dispatcher_domain::{
    ClaimedMessage, InDoubt, LeaseToken, MessageId, OperatorCommand, OperatorRequest, ProbeBackoff,
    Proof, ProviderMessageId, Resolution, Status, StatusReason, ports::Decided,
};
use std::time::Duration;
use uuid::Uuid;

const BACKOFF: ProbeBackoff =
    ProbeBackoff { base: Duration::from_secs(30), cap: Duration::from_secs(100) };

async fn take(store: &dyn Fixture, limit: u32) -> Vec<InDoubt> {
    store.doubts().take_in_doubt(limit, &BACKOFF).await.expect("the store answers")
}

async fn taken_ids(store: &dyn Fixture, limit: u32) -> Vec<MessageId> {
    take(store, limit).await.iter().map(|doubt| doubt.id).collect()
}

async fn take_one(store: &dyn Fixture) -> InDoubt {
    let mut taken = take(store, 9).await;
    assert_eq!(taken.len(), 1);
    taken.remove(0)
}

async fn settle(store: &dyn Fixture, doubt: &InDoubt, resolution: &Resolution) -> bool {
    store.doubts().settle(doubt, resolution).await.expect("the store answers")
}

/// A message that was sent once, and nobody knows how that ended.
async fn park(store: &dyn Fixture) -> ClaimedMessage {
    free_flow(store).await;
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    finish(store, &message, &unknown()).await;
    message
}

async fn parked(store: &dyn Fixture) -> (ClaimedMessage, InDoubt) {
    let message = park(store).await;
    (message, take_one(store).await)
}

/// Due at once.
fn resend(until: Option<jiff::Timestamp>) -> Resolution {
    Resolution::Resend { after: Duration::ZERO, until }
}

fn sent(proof: Proof) -> Resolution {
    Resolution::Sent { proof, provider_message_id: ProviderMessageId::parse("provider-1") }
}

fn by_receipt(message: &ClaimedMessage) -> Resolution {
    sent(Proof::Receipt { attempt: message.lease.attempt, token: message.lease.token })
}

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

/// Attempt and key epoch still match.
pub async fn only_the_status_stops_a_settlement(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    finish(store, &message, &refused()).await;
    let before = store.row(message.id).await;
    assert_eq!(before.status, Status::Failed);
    for resolution in [resend(None), Resolution::Fail, sent(Proof::LookUp), by_receipt(&message)] {
        assert!(!settle(store, &doubt, &resolution).await);
        assert_eq!(store.row(message.id).await, before);
    }
}

/// Status and key epoch match.
pub async fn only_the_attempt_stops_an_earlier_settlement(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let earlier = InDoubt { attempt: 0, ..doubt };
    refuses_all(store, &message, &earlier).await;
}

/// Status and attempt match.
pub async fn only_the_key_epoch_stops_a_settlement_for_another_key(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let other = InDoubt { key_epoch: doubt.key_epoch + 1, ..doubt };
    refuses_all(store, &message, &other).await;
}

async fn refuses_all(store: &dyn Fixture, message: &ClaimedMessage, doubt: &InDoubt) {
    let finding = Some(StatusReason::NOT_KNOWN_BY_PROVIDER);
    let before = store.row(message.id).await;
    for resolution in [
        resend(None),
        Resolution::Fail,
        Resolution::Wait { finding },
        sent(Proof::LookUp),
        by_receipt(message),
    ] {
        assert!(!settle(store, doubt, &resolution).await);
        assert_eq!(store.row(message.id).await, before);
    }
}

pub async fn a_receipt_of_a_send_on_record_makes_it_sent(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    assert!(settle(store, &doubt, &by_receipt(&message)).await);
    let row = store.row(message.id).await;
    assert_eq!((row.status, row.status_reason.as_deref()), (Status::Sent, Some("receipt")));
    assert_eq!(row.provider_message_id.as_deref(), Some("provider-1"));
    assert_eq!(row.legacy_sent, Some(true));
    let attempts = store.attempts(message.id).await;
    assert_eq!(attempts[0].outcome.as_deref(), Some("accepted"));
}

pub async fn a_receipt_of_no_send_on_record_is_no_proof(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let before = store.row(message.id).await;
    let (attempt, token) = (message.lease.attempt, message.lease.token);
    for proof in [
        Proof::Receipt { attempt, token: LeaseToken(Uuid::new_v4()) },
        Proof::Receipt { attempt: attempt + 1, token },
    ] {
        assert!(!settle(store, &doubt, &sent(proof)).await);
        assert_eq!(store.row(message.id).await, before);
        let attempts = store.attempts(message.id).await;
        assert_eq!(attempts[0].outcome.as_deref(), Some("unknown"));
    }
}

pub async fn the_providers_own_word_makes_it_sent(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    assert!(settle(store, &doubt, &sent(Proof::LookUp)).await);
    let row = store.row(message.id).await;
    assert_eq!((row.status, row.status_reason.as_deref()), (Status::Sent, Some("look_up")));
    assert_eq!(row.provider_message_id.as_deref(), Some("provider-1"));
    assert!(!settle(store, &doubt, &resend(None)).await, "and that is the end of it");
}

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

pub async fn what_is_given_up_still_tells_that_it_may_have_been_sent(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    assert!(settle(store, &doubt, &Resolution::Fail).await);
    let row = store.row(message.id).await;
    assert_eq!((row.status, row.status_reason.as_deref()), (Status::Failed, Some("tries_used_up")));
    assert_eq!((row.unknown_outcomes, row.legacy_sent), (1, None));
    let record = store.archive().find(message.id).await.unwrap().unwrap();
    assert!(record.message.maybe_sent());
    finish(store, &message, &accepted()).await;
    assert_eq!(store.row(message.id).await.status, Status::Sent, "late proof still wins");
}

pub async fn a_finding_is_noted_and_the_message_stays_in_doubt(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let finding = Some(StatusReason::NOT_KNOWN_BY_PROVIDER);
    assert!(settle(store, &doubt, &Resolution::Wait { finding }).await);
    let row = store.row(message.id).await;
    assert_eq!(row.status, Status::Unconfirmed);
    assert_eq!(row.status_reason.as_deref(), Some("not_known_by_provider"));
    assert!(settle(store, &doubt, &Resolution::Wait { finding: None }).await);
    assert_eq!(store.row(message.id).await, row, "nothing new changes nothing");
}
