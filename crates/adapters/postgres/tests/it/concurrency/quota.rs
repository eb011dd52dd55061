//! One quota for all, taken in the order of the queue.

use super::at_once;
use crate::{
    steps::{Replica, enqueue},
    support,
};
use dispatcher_domain::Ordering;
use std::time::Duration;
use tokio_postgres::Client;

const HOUR: Duration = Duration::from_secs(3600);

async fn started_in_order(sql: &Client) -> Vec<i64> {
    let query = "SELECT message_id FROM attempts ORDER BY started_at, message_id";
    sql.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_at_once_never_start_more_than_the_quota() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    Replica::of(&database).pace(5, HOUR, Ordering::None).await;
    enqueue(&sql, 64).await;
    let started = at_once(&database, |replica| async move { replica.start(64).await.len() }).await;
    assert_eq!(started.iter().sum::<usize>(), 5, "{started:?}");
    assert_eq!(started_in_order(&sql).await, [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn paced_claims_of_all_replicas_together_follow_the_queue() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    Replica::of(&database).pace(100, HOUR, Ordering::None).await;
    enqueue(&sql, 100).await;
    let until_empty = |replica: std::sync::Arc<Replica>| async move {
        while !replica.start(3).await.is_empty() {}
    };
    at_once(&database, until_empty).await;
    assert_eq!(started_in_order(&sql).await, (1..=100).collect::<Vec<_>>());
}
