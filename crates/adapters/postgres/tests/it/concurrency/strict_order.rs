//! Strict order: one send at a time, over all replicas.

use super::at_once;
use crate::{
    steps::{Replica, count, enqueue},
    support,
};
use dispatcher_domain::Ordering;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio_postgres::Client;

const MESSAGES: i32 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_two_are_in_flight_and_they_start_in_queue_order() {
    let database = support::migrated().await;
    let sql = Arc::new(database.client().await.unwrap());
    Replica::of(&database).pace(1, Duration::ZERO, Ordering::Strict).await;
    enqueue(&sql, MESSAGES).await;
    let sent = Arc::new(AtomicI64::new(0));

    at_once(&database, |replica| send(replica, Arc::clone(&sql), Arc::clone(&sent))).await;

    let query = "SELECT message_id FROM attempts ORDER BY started_at";
    let order = sql.query(query, &[]).await.unwrap();
    let order: Vec<i64> = order.iter().map(|row| row.get(0)).collect();
    assert_eq!(order, (1..=i64::from(MESSAGES)).collect::<Vec<_>>());
    let overlaps = "SELECT count(*) FROM attempts a JOIN attempts b \
                    ON a.started_at < b.started_at AND b.started_at < a.finished_at";
    assert_eq!(count(&sql, overlaps).await, 0);
}

/// Sends until all are sent; nobody may interfere.
async fn send(replica: Arc<Replica>, sql: Arc<Client>, sent: Arc<AtomicI64>) {
    let in_flight = "SELECT count(*) FROM messages WHERE status = 'sending'";
    while sent.load(SeqCst) < i64::from(MESSAGES) {
        let messages = replica.start(64).await;
        let [message] = &messages[..] else {
            assert!(messages.is_empty(), "one at a time: {messages:?}");
            continue;
        };
        assert_eq!(count(&sql, in_flight).await, 1);
        replica.finish(message).await;
        sent.fetch_add(1, SeqCst);
    }
}
