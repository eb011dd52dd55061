//! A server that is up and does not want us.

use crate::{
    steps::{LIMIT, Replica},
    support,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    DispatchPolicy,
    ports::{DispatchControl, MessageRepo, StoreError},
};
use dispatcher_postgres::{
    Db, PgConfig,
    migrations::{check, migrate},
};
use dispatcher_testkit::PrivatePostgres;

/// What each call says to a program that logs in as `config` says.
async fn is_waited_for(config: &PgConfig) {
    let db = Db::connect_lazily(config).expect("a pool");
    let replica = Replica::over(db);
    let claim = replica.messages.claim_due(&request(1)).await.map(drop);
    let released = replica.messages.release_claim(request(1).token).await.map(drop);
    for answer in [claim, released] {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    let start = replica.control.install_policy(DispatchPolicy::default()).await;
    assert!(matches!(start, Err(StoreError::Unexpected(_))), "told at once: {start:?}");
}

/// A server with our tables, and who is right there.
async fn setting() -> (PrivatePostgres, PgConfig) {
    let server = PrivatePostgres::start().await.expect("a server");
    let config = support::config(server.parts());
    migrate(&config, LIMIT).await.expect("the migrations");
    (server, config)
}

#[tokio::test]
async fn who_may_not_log_in_is_waited_for_but_does_not_start_so() {
    let (_server, right) = setting().await;
    let refused = [
        PgConfig { password: "another".into(), ..right.clone() },
        PgConfig { user: "no_such_role".into(), ..right.clone() },
        PgConfig { name: "no_such_database".into(), ..right.clone() },
    ];
    for config in refused {
        is_waited_for(&config).await;
        let error = check(&Db::connect_lazily(&config).expect("a pool")).await.unwrap_err();
        assert!(!error.is_transient(), "a start ends: {error:?}");
    }
}

#[tokio::test]
async fn who_may_not_touch_our_tables_is_waited_for_but_does_not_start_so() {
    let (server, right) = setting().await;
    let url = server.url();
    let connecting = tokio_postgres::connect(&url, tokio_postgres::NoTls);
    let (client, connection) = connecting.await.expect("a connection");
    tokio::spawn(connection);
    let role = "CREATE ROLE reader LOGIN PASSWORD 'reader'";
    client.batch_execute(role).await.expect("a role");
    is_waited_for(&PgConfig { user: "reader".into(), password: "reader".into(), ..right }).await;
}
