//! What becomes of a message in doubt, and who may say so.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    doubt_steps::{by_receipt, parked, resend, sent, settle},
    steps::{accepted, finish, refused},
};
use dispatcher_domain::{
    ClaimedMessage, InDoubt, LeaseToken, Proof, Resolution, Status, StatusReason,
};
use uuid::Uuid;

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

/// Id, status, attempt and key epoch match: ids may begin anew.
pub async fn only_the_uuid_stops_a_settlement_for_an_id_given_away_again(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let before = store.row(message.id).await;
    let former = InDoubt { uuid: Uuid::new_v4(), ..doubt };
    for resolution in [resend(None), Resolution::Fail, sent(Proof::LookUp)] {
        assert!(!settle(store, &former, &resolution).await);
        assert_eq!(store.row(message.id).await, before);
    }
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
