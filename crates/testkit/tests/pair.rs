//! Two servers swap their roles, and keep what was acknowledged.

use std::time::Duration;

use dispatcher_testkit::{PostgresPair, wait_until};
use tokio_postgres::{Client, NoTls};

const LIMIT: Duration = Duration::from_secs(60);

async fn connect(pair: &PostgresPair) -> Client {
    let (client, connection) = tokio_postgres::connect(&pair.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn parcels(pair: &PostgresPair) -> i64 {
    connect(pair).await.query_one("SELECT count(*) FROM parcels", &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_swap_and_swap_again_and_nothing_that_was_acknowledged_is_lost() {
    let pair = PostgresPair::start().await.unwrap();
    let places = pair.places().map(|parts| parts.port);
    connect(&pair).await.batch_execute("CREATE TABLE parcels (id int)").await.unwrap();
    for swap in 1..=3 {
        let before = pair.place_of_primary();
        connect(&pair).await.batch_execute("INSERT INTO parcels VALUES (1)").await.unwrap();
        assert!(pair.promote().await.is_err(), "the primary lives");
        pair.kill_primary().await.unwrap();
        pair.promote().await.unwrap();
        assert_ne!(pair.place_of_primary(), before);
        assert_eq!(pair.primary().port, places[pair.place_of_primary()]);
        assert_eq!(parcels(&pair).await, swap * 2 - 1);
        // It has no standby yet, and waits for none.
        connect(&pair).await.batch_execute("INSERT INTO parcels VALUES (2)").await.unwrap();
        pair.rebuild().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_waits_for_a_standby_that_is_away() {
    let pair = PostgresPair::start().await.unwrap();
    let client = connect(&pair).await;
    client.batch_execute("CREATE TABLE parcels (id int)").await.unwrap();
    pair.kill_standby().await.unwrap();
    let insert = tokio::spawn(async move {
        client.batch_execute("INSERT INTO parcels VALUES (1)").await.unwrap();
        client
    });
    wait_until("it waits", LIMIT, async || pair.waits().await.unwrap() == 1).await;
    assert!(!insert.is_finished());
    pair.start_standby().await.unwrap();
    insert.await.unwrap();
    assert_eq!((parcels(&pair).await, pair.waits().await.unwrap()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_in_a_wait_that_somebody_ended_is_lost_in_a_fail_over() {
    let pair = PostgresPair::start().await.unwrap();
    let client = connect(&pair).await;
    client.batch_execute("CREATE TABLE parcels (id int)").await.unwrap();
    pair.kill_standby().await.unwrap();
    let insert =
        tokio::spawn(async move { client.batch_execute("INSERT INTO parcels VALUES (1)").await });
    wait_until("a wait is ended", LIMIT, async || pair.cancel_waits().await.unwrap() == 1).await;
    insert.await.unwrap().expect("the server says that it is committed");
    assert_eq!(parcels(&pair).await, 1);
    pair.kill_primary().await.unwrap();
    pair.start_standby().await.unwrap();
    pair.promote().await.unwrap();
    assert_eq!(parcels(&pair).await, 0);
}
