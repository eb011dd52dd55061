//! A PgBouncer of one's own shares few connections among many clients, asks for the password, and can be
//! paused, killed and started again.

use dispatcher_testkit::{
    TestDatabase, TestPgBouncer, pgbouncer::Pooling, postgres::PostgresParts,
};
use tokio_postgres::{Client, NoTls};

async fn connect(parts: &PostgresParts) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(&parts.url(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// With one connection for all.
async fn pooler(database: &TestDatabase) -> TestPgBouncer {
    let pooling = Pooling { connections: 1, ..Pooling::default() };
    TestPgBouncer::start_with(database.parts(), pooling).await.unwrap()
}

async fn pid(client: &Client) -> i32 {
    let rows = client.query_typed("SELECT pg_backend_pid()", &[]).await.unwrap();
    rows[0].get(0)
}

#[tokio::test]
async fn two_clients_share_one_connection_and_keep_it_only_for_a_transaction() {
    let database = TestDatabase::create().await.unwrap();
    let pooler = pooler(&database).await;
    let (one, two) =
        (connect(pooler.parts()).await.unwrap(), connect(pooler.parts()).await.unwrap());
    assert_eq!(pid(&one).await, pid(&two).await);
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let database = TestDatabase::create().await.unwrap();
    let pooler = pooler(&database).await;
    let wrong = PostgresParts { password: "wrong".into(), ..pooler.parts().clone() };
    assert!(connect(&wrong).await.is_err());
}

#[tokio::test]
async fn it_is_paused_and_resumed_killed_and_started_again() {
    let database = TestDatabase::create().await.unwrap();
    let pooler = pooler(&database).await;
    let client = connect(pooler.parts()).await.unwrap();
    pooler.command("PAUSE").await.unwrap();
    let mut waits = Box::pin(pid(&client));
    let paused =
        std::future::poll_fn(|context| std::task::Poll::Ready(waits.as_mut().poll(context)));
    assert!(paused.await.is_pending());
    pooler.command("RESUME").await.unwrap();
    waits.await;

    pooler.kill().await.unwrap();
    assert!(connect(pooler.parts()).await.is_err());
    pooler.start_again().await.unwrap();
    pid(&connect(pooler.parts()).await.unwrap()).await;
}
