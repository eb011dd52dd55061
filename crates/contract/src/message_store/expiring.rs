//! Messages that are not sent in time.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    doubt_steps::{parked, resend, settle, taken_ids},
    steps::{
        ANNA, BORA, accepted, claim, claim_ids, claim_one, enqueue, finish, free_flow, not_sent,
        pace, pass, refused, unknown,
    },
};
use dispatcher_domain::{
    ClaimResult, MessageId, OperatorCommand, OperatorRequest, Ordering, Resolution, Status,
    ports::{Decided, Recorded},
};
use jiff::SignedDuration;
use std::time::Duration;

async fn let_expire(store: &dyn Fixture, id: MessageId, seconds: i64) {
    store.let_expire(id, SignedDuration::from_secs(seconds)).await;
}

async fn sweep(store: &dyn Fixture, limit: u32) -> Vec<MessageId> {
    store.messages().expire_overdue(limit).await.expect("the store answers")
}

async fn decide(store: &dyn Fixture, id: MessageId, command: OperatorCommand) -> Decided {
    let request = OperatorRequest { command, seen_attempt: None };
    let window = Duration::from_secs(100);
    store.operators().decide(id, &request, window).await.expect("the store answers")
}

const REQUEUE: OperatorCommand = OperatorCommand::Requeue { force: false };

pub async fn a_message_that_is_over_expires_instead_of_starting_and_costs_nothing(
    store: &dyn Fixture,
) {
    let ids = enqueue(store, 2).await;
    let_expire(store, ids[0], 10).await;
    pass(store, 10).await;
    let claim = claim(store, 1).await;
    let ClaimResult::Started(messages) = &claim.result else { panic!("the next one starts") };
    assert_eq!((messages[0].id, claim.expired.as_slice()), (ids[1], &ids[..1]));
    let row = store.row(ids[0]).await;
    assert_eq!((row.status, row.attempt, row.tries_used), (Status::Expired, 0, 0));
    assert_eq!(row.status_reason.as_deref(), Some("expires_at_passed"));
    assert_eq!((row.legacy_sent, row.unknown_outcomes), (None, 0));
    assert_eq!(store.attempts(ids[0]).await, []);
    // One of the two of this batch is left: the expired one took none.
    assert_eq!(store.control().snapshot().await.unwrap().state.quota_left, 1);
}

pub async fn a_message_starts_until_the_moment_that_it_is_over(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let_expire(store, id, 10).await;
    store.advance(SignedDuration::from_millis(9_999)).await;
    assert_eq!(claim_ids(store, 1).await, [id]);
}

pub async fn the_sweep_expires_while_no_send_may_start(store: &dyn Fixture) {
    let ids = enqueue(store, 2).await;
    let_expire(store, ids[0], 10).await;
    let_expire(store, ids[1], 11).await;
    store.control().set_enabled(false).await.unwrap();
    let before = store.control().snapshot().await.unwrap().state;
    pass(store, 10).await;
    let claim = claim(store, 9).await;
    assert!(matches!(claim.result, ClaimResult::Held(_)) && claim.expired.is_empty());
    assert_eq!(sweep(store, 9).await, ids[..1]);
    assert_eq!(sweep(store, 9).await, []);
    assert_eq!(store.row(ids[0]).await.status, Status::Expired);
    assert_eq!(store.row(ids[1]).await.status, Status::Queued);
    assert_eq!(store.control().snapshot().await.unwrap().state, before);
}

pub async fn the_sweep_takes_no_more_than_its_limit_longest_over_first(store: &dyn Fixture) {
    let ids = enqueue(store, 3).await;
    for (id, seconds) in ids.iter().zip([3, 1, 2]) {
        let_expire(store, *id, seconds).await;
    }
    pass(store, 60).await;
    assert_eq!(sweep(store, 2).await, ids[1..]);
    assert_eq!(sweep(store, 2).await, ids[..1]);
}

pub async fn a_thousand_messages_that_are_over_cost_no_silence(store: &dyn Fixture) {
    for n in 0..1_000 {
        let id = store.insert_unchecked(&format!("+90555{n:07}"), "Hello").await;
        let_expire(store, id, n % 7).await;
    }
    let good = store.insert_unchecked(BORA, "in time").await;
    pass(store, 60).await;
    let (mut claims, mut expired) = (0, 0);
    let started = loop {
        claims += 1;
        let claim = claim(store, 1).await;
        expired += claim.expired.len();
        match claim.result {
            ClaimResult::Started(messages) => break messages,
            ClaimResult::Empty { next_due_in: Some(wait) } => assert!(wait.is_zero()),
            other => panic!("held up: {other:?}"),
        }
    };
    assert_eq!((started[0].id, expired), (good, 1_000));
    assert!(claims <= 3, "{claims} claims to pass a thousand");
}

pub async fn a_message_that_waits_for_its_time_expires_all_the_same(store: &dyn Fixture) {
    let ids = enqueue(store, 2).await;
    for id in &ids {
        store.schedule(*id, Duration::from_secs(20)).await;
    }
    let_expire(store, ids[0], 10).await;
    let_expire(store, ids[1], 20).await;
    pass(store, 10).await;
    assert_eq!(sweep(store, 9).await, ids[..1], "before it was due");
    pass(store, 10).await;
    let claim = claim(store, 9).await;
    assert_eq!((claim.result, claim.expired.as_slice()), (EMPTY, &ids[1..]), "when it fell due");
    for id in ids {
        let row = store.row(id).await;
        assert_eq!((row.status, row.scheduled), (Status::Expired, false));
    }
}

const EMPTY: ClaimResult = ClaimResult::Empty { next_due_in: None };

/// One message of each status that a send can leave behind.
pub async fn only_a_queued_message_expires(store: &dyn Fixture) {
    free_flow(store).await;
    let mut ids = vec![];
    for end in [accepted(), refused(), unknown()] {
        ids.push(enqueue(store, 1).await[0]);
        let message = claim_one(store).await;
        finish(store, &message, &end).await;
    }
    ids.push(enqueue(store, 1).await[0]);
    assert!(matches!(decide(store, ids[3], OperatorCommand::Cancel).await, Decided::Done(_)));
    ids.push(enqueue(store, 1).await[0]);
    claim_one(store).await;
    let mut before = vec![];
    for id in &ids {
        let_expire(store, *id, -1).await;
        before.push(store.row(*id).await);
    }
    assert_eq!(before[4].status, Status::Sending);
    assert_eq!(sweep(store, 9).await, []);
    assert_eq!(claim(store, 9).await.expired, []);
    for (id, before) in ids.iter().zip(before) {
        assert_eq!(store.row(*id).await, before);
    }
}

pub async fn a_message_that_may_have_been_sent_expires_with_its_doubt(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let_expire(store, message.id, 10).await;
    assert!(settle(store, &doubt, &resend(None)).await);
    pass(store, 10).await;
    assert_eq!(sweep(store, 9).await, [message.id]);
    let found = store.archive().find(message.id).await.unwrap().unwrap();
    assert_eq!((found.message.status, found.message.maybe_sent()), (Status::Expired, true));
    assert_eq!((found.message.attempt, found.attempts.len()), (1, 1));
    let refused = decide(store, message.id, REQUEUE).await;
    assert!(matches!(refused, Decided::Refused(_)), "only force may: {refused:?}");
}

pub async fn a_resend_whose_time_is_over_expires_rather_than_staying_in_doubt(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let_expire(store, message.id, 20).await;
    let until = doubt.now + Duration::from_secs(20);
    assert!(settle(store, &doubt, &resend(Some(until))).await);
    pass(store, 20).await;
    assert_eq!(claim(store, 9).await.expired, [message.id]);
    assert_eq!(store.row(message.id).await.status, Status::Expired);
    assert_eq!(taken_ids(store, 9).await, []);
}

pub async fn a_deferred_message_expires_while_it_waits(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    let_expire(store, id, 10).await;
    finish(store, &claim_one(store).await, &not_sent()).await;
    pass(store, 10).await;
    assert_eq!(sweep(store, 9).await, [id]);
    let found = store.archive().find(id).await.unwrap().unwrap();
    assert_eq!((found.message.status, found.message.maybe_sent()), (Status::Expired, false));
}

pub async fn late_proof_of_acceptance_wins_over_an_expiry(store: &dyn Fixture) {
    let (message, doubt) = parked(store).await;
    let_expire(store, message.id, 10).await;
    let after = Duration::from_secs(60);
    assert!(settle(store, &doubt, &Resolution::Resend { after, until: None }).await);
    pass(store, 10).await;
    assert_eq!(sweep(store, 9).await, [message.id]);
    assert_eq!(finish(store, &message, &refused()).await, Recorded::Fenced);
    assert_eq!(finish(store, &message, &accepted()).await, Recorded::AppliedLate);
    assert_eq!(store.row(message.id).await.status, Status::Sent);
}

pub async fn a_requeue_takes_away_a_time_that_is_over_and_leaves_one_to_come(store: &dyn Fixture) {
    free_flow(store).await;
    let ids = enqueue(store, 2).await;
    let_expire(store, ids[0], 10).await;
    let_expire(store, ids[1], 100).await;
    assert!(matches!(decide(store, ids[1], OperatorCommand::Cancel).await, Decided::Done(_)));
    pass(store, 10).await;
    assert_eq!(sweep(store, 9).await, ids[..1]);
    for id in &ids {
        let Decided::Done(done) = decide(store, *id, REQUEUE).await else { panic!("refused") };
        assert_eq!((done.status, done.changed), (Status::Queued, true));
    }
    let mut ends = vec![];
    for id in &ids {
        ends.push(store.archive().find(*id).await.unwrap().unwrap().message.expires_at);
    }
    assert!(ends[0].is_none() && ends[1].is_some(), "{ends:?}");
    assert_eq!(claim_ids(store, 1).await, ids[..1]);
    pass(store, 90).await;
    assert_eq!(claim(store, 9).await.expired, ids[1..], "its own time is still its end");
}

pub async fn one_that_is_over_does_not_hold_up_its_recipient(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    let first = store.insert_unchecked(ANNA, "1").await;
    let second = store.insert_unchecked(ANNA, "2").await;
    let_expire(store, first, 10).await;
    pass(store, 10).await;
    assert_eq!(claim_ids(store, 9).await, [second]);
}
