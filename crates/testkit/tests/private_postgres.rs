//! A PostgreSQL of one's own can be crashed and comes back with its data.

use std::time::Duration;

use dispatcher_testkit::{PrivatePostgres, wait_until};
use tokio_postgres::{Client, NoTls};

async fn connect(postgres: &PrivatePostgres) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(&postgres.url(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn setting(client: &Client, name: &str) -> String {
    client.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_stopped_server_refuses_and_a_started_one_has_the_data() {
    let postgres = PrivatePostgres::start_durable().await.unwrap();
    let before = connect(&postgres).await.unwrap();
    before.batch_execute("CREATE TABLE parcels AS SELECT 7 AS id").await.unwrap();

    postgres.stop_immediate().await.unwrap();

    let limit = Duration::from_secs(60);
    wait_until("the client notices", limit, async || before.is_closed()).await;
    assert!(connect(&postgres).await.is_err());
    assert!(postgres.stop_immediate().await.is_err(), "it is stopped already");

    postgres.start_again().await.unwrap();

    let after = connect(&postgres).await.unwrap();
    let id: i32 = after.query_one("SELECT id FROM parcels", &[]).await.unwrap().get(0);
    assert_eq!(id, 7);
    assert!(postgres.start_again().await.is_err(), "it is running already");
}

#[tokio::test]
async fn only_a_durable_server_writes_through() {
    let durable = PrivatePostgres::start_durable().await.unwrap();
    let fast = PrivatePostgres::start().await.unwrap();

    assert_eq!(setting(&connect(&durable).await.unwrap(), "fsync").await, "on");
    let fast = connect(&fast).await.unwrap();
    assert_eq!(setting(&fast, "fsync").await, "off");
    assert_eq!(setting(&fast, "max_connections").await, "300");
}
