//! A server that takes connections and never says a word.

use crate::steps::{LIMIT, Replica};
use dispatcher_contract::message_store::request;
use dispatcher_domain::ports::{MessageRepo, StoreError};
use dispatcher_postgres::{
    Db, PgConfig,
    migrations::{MigrateError, migrate},
};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};

async fn silent_server() -> PgConfig {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = vec![];
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    let mut config = PgConfig::new("127.0.0.1", port, "db", "me", "s3cret");
    config.timeout = Duration::from_millis(100);
    config
}

#[tokio::test]
async fn a_call_to_a_silent_server_is_unavailable_after_the_time_out() {
    let config = silent_server().await;
    let replica = Replica::over(Db::connect_lazily(&config).unwrap());
    let request = request(1);
    let answer = timeout(LIMIT, replica.messages.claim_due(&request)).await.expect("it ends");
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}

#[tokio::test]
async fn more_calls_than_connections_to_a_silent_server_all_end() {
    let mut config = silent_server().await;
    config.pool_size = 1;
    let replica = Replica::over(Db::connect_lazily(&config).unwrap());
    let claims = [(); 3].map(|()| {
        let (replica, request) = (Arc::clone(&replica), request(1));
        tokio::spawn(async move { replica.messages.claim_due(&request).await })
    });
    for claim in claims {
        let answer = timeout(LIMIT, claim).await.expect("it ends").unwrap();
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_migration_of_a_silent_server_ends_after_the_time_out() {
    let config = silent_server().await;
    let run = timeout(LIMIT, migrate(&config, Duration::ZERO)).await;
    let error = run.expect("it ends").unwrap_err();
    assert!(matches!(error, MigrateError::NoAnswer { waited } if waited == config.timeout));
}
