//! A server that is stopped and comes back.

use crate::{
    steps::{LIMIT, Replica, count, insert},
    support,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    MessageBody, MessageLimits, NewMessage, PhoneNumber, Terms,
    ports::{DispatchControl, MessageArchive, MessageRepo, StoreError},
};
use dispatcher_postgres::{Db, PgMessageArchive, migrations::migrate};
use dispatcher_testkit::PrivatePostgres;
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::timeout};

struct Setting {
    server: PrivatePostgres,
    replica: Arc<Replica>,
    archive: PgMessageArchive,
}

async fn setting() -> Setting {
    let server = PrivatePostgres::start().await.unwrap();
    let mut config = support::config(server.parts());
    // So far away that an answer "at once" cannot be this.
    config.timeout = Duration::from_secs(600);
    migrate(&config, LIMIT).await.unwrap();
    let db = Db::connect_lazily(&config).unwrap();
    let archive = PgMessageArchive::new(db.clone());
    Setting { server, replica: Replica::over(db), archive }
}

impl Setting {
    async fn enqueue(&self) -> Result<(), StoreError> {
        let phone_number = PhoneNumber::parse("+905551234567").unwrap();
        let body = MessageBody::parse("Hello", &MessageLimits::default()).unwrap();
        self.replica
            .messages
            .enqueue(&NewMessage { phone_number, body }, &Terms::default())
            .await
            .map(drop)
    }

    /// Several connections, all idle when this returns.
    async fn fill_the_pool(&self) {
        let mut calls = JoinSet::new();
        for _ in 0..8 {
            let replica = Arc::clone(&self.replica);
            calls.spawn(async move { replica.control.snapshot().await.map(drop) });
        }
        assert!(calls.join_all().await.iter().all(Result::is_ok));
    }

    async fn every_call(&self) -> Vec<Result<(), StoreError>> {
        let (messages, control) = (&self.replica.messages, &self.replica.control);
        vec![
            self.enqueue().await,
            messages.claim_due(&request(1)).await.map(drop),
            messages.release_claim(request(1).token).await.map(drop),
            messages.rescue_expired(Duration::ZERO, 9).await.map(drop),
            control.set_enabled(true).await.map(drop),
            control.snapshot().await.map(drop),
            self.archive.count_sent().await.map(drop),
            self.archive.sent_after(None, 9).await.map(drop),
        ]
    }
}

#[tokio::test]
async fn while_the_server_is_down_every_call_is_unavailable_at_once() {
    let setting = setting().await;
    setting.fill_the_pool().await;
    setting.server.stop_immediate().await.unwrap();
    let answers = timeout(LIMIT, setting.every_call()).await.expect("no call waits");
    for answer in answers {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn when_the_server_is_back_every_call_works_with_the_same_pool() {
    let setting = setting().await;
    setting.fill_the_pool().await;
    setting.server.stop_immediate().await.unwrap();
    assert!(setting.enqueue().await.is_err());
    setting.server.start_again().await.unwrap();
    for answer in setting.every_call().await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_restart_that_nobody_noticed_costs_no_call() {
    let setting = setting().await;
    setting.fill_the_pool().await;
    setting.server.stop_immediate().await.unwrap();
    setting.server.start_again().await.unwrap();
    for answer in setting.every_call().await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_up_after_us_is_used_as_soon_as_it_is_up() {
    let setting = setting().await;
    setting.server.stop_immediate().await.unwrap();
    assert!(setting.enqueue().await.is_err());
    setting.server.start_again().await.unwrap();
    let (sql, connection) =
        tokio_postgres::connect(&setting.server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    insert(&sql, "+905557654321").await;
    assert_eq!(setting.replica.start_one().await.lease.attempt, 1);
}

/// This server says yes to others before it has written; to us it must not.
#[tokio::test]
async fn what_was_enqueued_survives_a_crash_of_the_server() {
    let setting = setting().await;
    for _ in 0..20 {
        setting.enqueue().await.unwrap();
    }
    setting.server.stop_immediate().await.unwrap();
    setting.server.start_again().await.unwrap();
    assert_eq!(setting.replica.start(64).await.len(), 1, "strict: the first of them");
    let (sql, connection) =
        tokio_postgres::connect(&setting.server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    assert_eq!(count(&sql, "SELECT count(*) FROM messages").await, 20);
}
