//! A synchronous standby that is not there, and an administrator who ends the
//! wait for it: the server says that it committed, and that it may be alone.

use crate::{
    steps::{LIMIT, Replica, count, insert},
    support,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    ClaimResult, MessageId, OperatorCommand, OperatorRequest, Status,
    ports::{Decided, MessageControl, MessageRepo, StoreError},
};
use dispatcher_postgres::{Db, migrations::migrate};
use dispatcher_testkit::{PrivatePostgres, wait_until};
use std::{sync::Arc, time::Duration};
use tokio_postgres::{Client, NoTls};

const SENDING: &str = "SELECT count(*) FROM messages WHERE status = 'sending'";

/// A server with one message, and an administrator who waits for no standby.
async fn setting() -> (PrivatePostgres, Arc<Replica>, Client) {
    let server = PrivatePostgres::start().await.unwrap();
    let mut config = support::config(server.parts());
    config.timeout = LIMIT;
    migrate(&config, LIMIT).await.unwrap();
    let (administrator, connection) = tokio_postgres::connect(&server.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    administrator.batch_execute("SET synchronous_commit = local").await.unwrap();
    insert(&administrator, "+905551234567").await;
    (server, Replica::over(Db::connect_lazily(&config).unwrap()), administrator)
}

async fn want_a_standby(administrator: &Client, name: &str) {
    let sql = format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'");
    administrator.batch_execute(&sql).await.unwrap();
    administrator.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let shown = async || {
        let row = administrator.query_one("SHOW synchronous_standby_names", &[]).await.unwrap();
        row.get::<_, String>(0) == name
    };
    wait_until("the setting was loaded", LIMIT, shown).await;
}

async fn end_the_wait(administrator: &Client) {
    let sql = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity \
               WHERE wait_event = 'SyncRep'";
    let canceled = async || {
        let row = administrator.query_one(sql, &[]).await.unwrap();
        row.get::<_, i64>(0) == 1
    };
    wait_until("a COMMIT waited for the standby", LIMIT, canceled).await;
}

#[tokio::test]
async fn a_start_that_may_not_be_on_the_standby_is_not_confirmed_and_given_back() {
    let (_server, replica, administrator) = setting().await;
    replica.free_flow().await;
    want_a_standby(&administrator, "nobody").await;
    let request = request(1);
    let claim = tokio::spawn({
        let (replica, request) = (Arc::clone(&replica), request.clone());
        async move { replica.messages.claim_due(&request).await }
    });
    end_the_wait(&administrator).await;
    let answer = claim.await.unwrap();
    assert!(matches!(answer, Err(StoreError::Unconfirmed(_))), "{answer:?}");
    assert_eq!(count(&administrator, SENDING).await, 1, "it did commit");

    want_a_standby(&administrator, "").await;
    assert_eq!(replica.messages.release_claim(request.token).await.unwrap(), 1);
    assert!(matches!(replica.claim(1).await, ClaimResult::Started(_)));
}

#[tokio::test]
async fn a_decision_that_may_not_be_on_the_standby_is_not_confirmed_by_its_repetition() {
    let (_server, replica, administrator) = setting().await;
    let id = "SELECT min(id) FROM messages";
    let id = MessageId(count(&administrator, id).await);
    want_a_standby(&administrator, "nobody").await;
    let cancel = || {
        let replica = Arc::clone(&replica);
        let request = OperatorRequest { command: OperatorCommand::Cancel, seen_attempt: None };
        tokio::spawn(async move { replica.operators.decide(id, &request, Duration::ZERO).await })
    };
    // The second finds that it is so already, and may not say it either.
    for _ in 0..2 {
        let answer = cancel();
        end_the_wait(&administrator).await;
        let answer = answer.await.unwrap();
        assert!(matches!(answer, Err(StoreError::Unconfirmed(_))), "{answer:?}");
    }

    want_a_standby(&administrator, "").await;
    let Decided::Done(decision) = cancel().await.unwrap().unwrap() else { panic!("it is done") };
    assert_eq!((decision.status, decision.changed), (Status::Canceled, false));
}

#[tokio::test]
async fn a_release_that_may_not_be_on_the_standby_is_not_confirmed_by_its_repetition() {
    let (_server, replica, administrator) = setting().await;
    replica.free_flow().await;
    let message = replica.start_one().await;
    assert!(!message.lease.paced, "else it takes the control row, which a COMMIT waits for");
    want_a_standby(&administrator, "nobody").await;
    let release = || {
        let (replica, id, lease) = (Arc::clone(&replica), message.id, message.lease.clone());
        tokio::spawn(async move { replica.messages.release(id, &lease).await })
    };
    // The second finds nothing to release, and may not say so either: whoever hears it
    // tries no more.
    for _ in 0..2 {
        let answer = release();
        end_the_wait(&administrator).await;
        let answer = answer.await.unwrap();
        assert!(matches!(answer, Err(StoreError::Unconfirmed(_))), "{answer:?}");
    }

    want_a_standby(&administrator, "").await;
    assert!(!release().await.unwrap().unwrap(), "it was released before");
}
