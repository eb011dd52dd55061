//! `recipient` without a quota: many at once, never two to one number.

use super::at_once;
use crate::{
    steps::{Replica, count},
    support,
};
use dispatcher_domain::{ClaimResult, Ordering};
use std::{sync::Arc, time::Duration};
use tokio_postgres::Client;

/// Lanes with more than one message in flight: there is no such lane.
const CROWDED: &str = "\
    SELECT count(*) FROM (SELECT lane FROM messages WHERE status = 'sending' \
                          GROUP BY lane HAVING count(*) > 1) crowded";
const UNSENT: &str = "SELECT count(*) FROM messages WHERE status <> 'sent'";

/// Twelve messages to each of ten recipients, of mixed priority: some overtake.
const FILL: &str = "\
    INSERT INTO messages (phone_number, content, priority) \
    SELECT '+90555000000' || n % 10, 'Hello', n % 3 FROM generate_series(0, 119) n";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_messages_to_one_recipient_are_never_in_flight_together() {
    let database = support::migrated().await;
    let sql = Arc::new(database.client().await.unwrap());
    Replica::of(&database).pace(1, Duration::ZERO, Ordering::Recipient).await;
    sql.batch_execute(FILL).await.unwrap();

    at_once(&database, |replica| send(replica, Arc::clone(&sql))).await;

    assert_eq!(count(&sql, "SELECT count(*) FROM attempts WHERE attempt = 1").await, 120);
    assert_eq!(count(&sql, "SELECT count(*) FROM attempts").await, 120);
}

async fn send(replica: Arc<Replica>, sql: Arc<Client>) {
    while count(&sql, UNSENT).await > 0 {
        // A lost race is an answer, not an error: `claim` would panic.
        let ClaimResult::Started(messages) = replica.claim(3).await else { continue };
        for message in &messages {
            assert_eq!(count(&sql, CROWDED).await, 0);
            replica.finish(message).await;
        }
    }
}
