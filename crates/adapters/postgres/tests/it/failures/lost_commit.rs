//! The answer to COMMIT is lost: done or not done, nobody knows.

use super::proxy::{AtCommit, Proxy};
use crate::{
    steps::{Replica, count, insert},
    support,
};
use dispatcher_contract::message_store::{accepted, request};
use dispatcher_domain::{
    MessageBody, MessageId, MessageLimits, NewMessage, OperatorCommand, OperatorRequest,
    PhoneNumber, Status, Terms,
    ports::{Decided, MessageControl, MessageRepo, Recorded, StoreError},
};
use dispatcher_postgres::Db;
use dispatcher_testkit::TestDatabase;
use std::{sync::Arc, time::Duration};
use tokio_postgres::Client;

const QUEUED: &str = "SELECT count(*) FROM messages WHERE status = 'queued'";
const RELEASED: &str = "SELECT count(*) FROM attempts WHERE outcome = 'released'";

struct Setting {
    database: TestDatabase,
    sql: Client,
    proxy: Proxy,
    replica: Arc<Replica>,
}

impl Setting {
    async fn new() -> Self {
        let database = support::migrated().await;
        let sql = database.client().await.unwrap();
        let direct = support::config(database.parts());
        let proxy = Proxy::to(&direct).await;
        let replica = Replica::over(Db::connect_lazily(&proxy.config(&direct)).unwrap());
        Self { database, sql, proxy, replica }
    }
}

fn is_unconfirmed<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unconfirmed(_)))
}

#[tokio::test]
async fn a_claim_that_was_not_committed_is_unconfirmed_and_there_is_nothing_to_give_back() {
    let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
    insert(&sql, "+905551234567").await;
    let request = request(1);
    proxy.at_commit(AtCommit::CutBefore);
    assert!(is_unconfirmed(&replica.messages.claim_due(&request).await));
    assert_eq!(count(&sql, QUEUED).await, 1);
    proxy.at_commit(AtCommit::Pass);
    assert_eq!(replica.messages.release_claim(request.token).await.unwrap(), 0);
    assert_eq!(replica.start_one().await.lease.attempt, 1, "it can be claimed");
}

#[tokio::test]
async fn a_claim_that_was_committed_is_unconfirmed_and_can_be_given_back_by_its_token() {
    let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
    insert(&sql, "+905551234567").await;
    let request = request(1);
    proxy.at_commit(AtCommit::CutAfter);
    assert!(is_unconfirmed(&replica.messages.claim_due(&request).await));
    assert_eq!(count(&sql, QUEUED).await, 0);
    proxy.at_commit(AtCommit::Pass);
    assert_eq!(replica.messages.release_claim(request.token).await.unwrap(), 1);
    assert_eq!((count(&sql, QUEUED).await, count(&sql, RELEASED).await), (1, 1));
}

#[tokio::test]
async fn a_claim_that_found_nothing_leaves_nobody_in_doubt() {
    for cut in [AtCommit::CutBefore, AtCommit::CutAfter] {
        let Setting { proxy, replica, database: _database, .. } = Setting::new().await;
        proxy.at_commit(cut);
        let answer = replica.messages.claim_due(&request(1)).await;
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_release_that_was_not_confirmed_can_be_repeated() {
    for cut in [AtCommit::CutBefore, AtCommit::CutAfter] {
        let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
        insert(&sql, "+905551234567").await;
        let message = replica.start_one().await;
        proxy.at_commit(cut);
        assert!(is_unconfirmed(&replica.messages.release(message.id, &message.lease).await));
        proxy.at_commit(AtCommit::Pass);
        let still_ours = replica.messages.release(message.id, &message.lease).await.unwrap();
        assert_eq!(still_ours, cut == AtCommit::CutBefore);
        assert_eq!((count(&sql, QUEUED).await, count(&sql, RELEASED).await), (1, 1));
    }
}

#[tokio::test]
async fn a_completion_that_was_not_confirmed_can_be_repeated() {
    for cut in [AtCommit::CutBefore, AtCommit::CutAfter] {
        let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
        insert(&sql, "+905551234567").await;
        let message = replica.start_one().await;
        let accepted = accepted();
        let record = || replica.messages.record_outcome(message.id, &message.lease, &accepted);
        proxy.at_commit(cut);
        assert!(is_unconfirmed(&record().await));
        proxy.at_commit(AtCommit::Pass);
        assert_eq!(record().await.unwrap(), Recorded::Applied, "{cut:?}");
        let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
        assert_eq!(count(&sql, sent).await, 1);
    }
}

#[tokio::test]
async fn a_decision_that_was_not_confirmed_can_be_repeated() {
    for (cut, changes) in [(AtCommit::CutBefore, true), (AtCommit::CutAfter, false)] {
        let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
        let id = MessageId(insert(&sql, "+905551234567").await);
        let cancel = OperatorRequest { command: OperatorCommand::Cancel, seen_attempt: None };
        let decide = || replica.operators.decide(id, &cancel, Duration::ZERO);
        proxy.at_commit(cut);
        assert!(is_unconfirmed(&decide().await));
        proxy.at_commit(AtCommit::Pass);
        let Decided::Done(decision) = decide().await.unwrap() else { panic!("must be done") };
        assert_eq!((decision.status, decision.changed), (Status::Canceled, changes), "{cut:?}");
        assert_eq!(count(&sql, QUEUED).await, 0);
    }
}

#[tokio::test]
async fn an_enqueue_that_was_not_confirmed_never_says_ok() {
    for (cut, stored) in [(AtCommit::CutBefore, 0), (AtCommit::CutAfter, 1)] {
        let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
        let phone_number = PhoneNumber::parse("+905551234567").unwrap();
        let body = MessageBody::parse("Hello", &MessageLimits::default()).unwrap();
        proxy.at_commit(cut);
        let answer =
            replica.messages.enqueue(&NewMessage { phone_number, body }, &Terms::default()).await;
        assert!(is_unconfirmed(&answer), "{answer:?}");
        assert_eq!(count(&sql, QUEUED).await, stored);
    }
}

#[tokio::test]
async fn a_commit_without_any_answer_is_unconfirmed_after_the_time_out() {
    let Setting { sql, proxy, replica, database: _database } = Setting::new().await;
    insert(&sql, "+905551234567").await;
    proxy.at_commit(AtCommit::FallSilent);
    let claim = tokio::spawn(async move { replica.messages.claim_due(&request(1)).await });
    proxy.fallen_silent().await;
    // Nothing is left to wait for but the time-out.
    tokio::time::pause();
    let answer = claim.await.unwrap();
    assert!(is_unconfirmed(&answer), "{answer:?}");
}
