//! P6: in any rolling window of one period no more than one batch starts, over
//! all replicas, whatever an operator does to the switch.

use super::at_once;
use crate::{
    steps::{Replica, count, enqueue},
    support,
};
use dispatcher_domain::{Ordering, ports::DispatchControl};
use std::{sync::Arc, time::Duration};
use tokio_postgres::Client;

const BATCH: u32 = 2;
const PERIOD: Duration = Duration::from_millis(200);
const UNSENT: &str = "SELECT count(*) FROM messages WHERE status <> 'sent'";

/// Most starts in any window that begins with a start. The window is half
/// open, and the server counts in microseconds.
const FULLEST_WINDOW: &str = "\
    SELECT max(starts) FROM ( \
        SELECT count(*) OVER (ORDER BY started_at \
            RANGE BETWEEN CURRENT ROW AND interval '199999 microseconds' FOLLOWING) AS starts \
        FROM attempts) windows";

async fn holds(ordering: Ordering) {
    let database = support::migrated().await;
    let sql = Arc::new(database.client().await.unwrap());
    let operator = Replica::of(&database);
    operator.pace(BATCH, PERIOD, ordering).await;
    enqueue(&sql, 30).await;
    let hammer = tokio::spawn(async move {
        loop {
            operator.control.set_enabled(false).await.unwrap();
            operator.control.set_enabled(true).await.unwrap();
        }
    });

    at_once(&database, |replica| send(replica, Arc::clone(&sql))).await;

    hammer.abort();
    assert_eq!(count(&sql, "SELECT count(*) FROM attempts").await, 30);
    assert_eq!(count(&sql, FULLEST_WINDOW).await, i64::from(BATCH));
}

async fn send(replica: Arc<Replica>, sql: Arc<Client>) {
    while count(&sql, UNSENT).await > 0 {
        for message in replica.start(64).await {
            replica.finish(&message).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_window_has_more_than_one_batch() {
    holds(Ordering::None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_window_has_more_than_one_batch_per_recipient() {
    holds(Ordering::Recipient).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_window_has_more_than_one_batch_in_strict_order() {
    holds(Ordering::Strict).await;
}
