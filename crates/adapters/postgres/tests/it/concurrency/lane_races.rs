//! Two STARTs that see different queues take a message to one recipient each:
//! the index stops the second, and that is an answer, not an error.

use crate::{
    steps::{LIMIT, Replica, count, insert},
    support,
};
use dispatcher_domain::{ClaimResult, Hold, HoldReason, Ordering};
use dispatcher_testkit::{TestDatabase, wait_until};
use std::{sync::Arc, time::Duration};

const ANNA: &str = "+905551234567";

/// What START does to message 1, in a transaction that is still open.
const FIRST_START: &str = "\
    BEGIN; \
    UPDATE messages SET status = 'sending', sent = NULL, attempt = 1, lane_exclusive = TRUE \
    WHERE id = 1";

const WAITING: &str = "\
    SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn setting() -> (TestDatabase, Arc<Replica>) {
    let database = support::migrated().await;
    let replica = Replica::of(&database);
    replica.pace(1, Duration::ZERO, Ordering::Recipient).await;
    (database, replica)
}

async fn the_second_start_is_held_back(database: TestDatabase, second: Arc<Replica>) {
    let sql = database.client().await.unwrap();
    let first = database.client().await.unwrap();
    insert(&sql, ANNA).await;
    first.batch_execute(FIRST_START).await.unwrap();
    // It comes before message 1, which still looks queued to everybody else.
    let urgent = insert(&sql, ANNA).await;
    sql.execute("UPDATE messages SET priority = 9 WHERE id = $1", &[&urgent]).await.unwrap();

    let claim = tokio::spawn(async move { (second.claim(1).await, second) });
    wait_until("the second START waits", LIMIT, async || count(&sql, WAITING).await == 1).await;
    first.batch_execute("COMMIT").await.unwrap();

    let (result, second) = claim.await.unwrap();
    let look_again = Hold { reason: HoldReason::Busy, for_at_least: Some(Duration::ZERO) };
    assert_eq!(result, ClaimResult::Held(look_again));
    let sending = "SELECT count(*) FROM messages WHERE status = 'sending'";
    assert_eq!(count(&sql, sending).await, 1);
    assert_eq!(second.claim(1).await, ClaimResult::Empty { next_due_in: None }, "and goes on");
}

#[tokio::test]
async fn a_start_beside_the_control_row_is_held_back() {
    let (database, replica) = setting().await;
    // Having seen a queue without a pace, it leaves the control row alone.
    assert!(replica.start(1).await.is_empty());
    the_second_start_is_held_back(database, replica).await;
}

#[tokio::test]
async fn a_start_through_the_control_row_is_held_back() {
    let (database, replica) = setting().await;
    the_second_start_is_held_back(database, replica).await;
}
