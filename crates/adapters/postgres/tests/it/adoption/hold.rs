//! No send starts while a batch of the predecessor may still be ending.

use super::{adopt, go_database};
use crate::steps::{Replica, enqueue};
use crate::support;
use dispatcher_domain::{ClaimResult, HoldReason, Ordering};
use jiff::Timestamp;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn whatever_the_pace_the_first_send_after_a_takeover_waits_a_minute() {
    for (period, ordering) in [
        (Duration::ZERO, Ordering::None),
        (Duration::ZERO, Ordering::Strict),
        (Duration::from_secs(1), Ordering::Strict),
        (Duration::from_secs(120), Ordering::Recipient),
    ] {
        let (database, go) = go_database().await;
        let before: Timestamp = go.sql.query_one("SELECT now()", &[]).await.unwrap().get(0);
        let adoption = adopt(&database).await.unwrap().unwrap();
        let first = adoption.first_send_at.expect("there were rows");
        assert!(first >= before + MINUTE, "{first} is a minute after {before}");

        let replica = Replica::of(&database);
        replica.pace(2, period, ordering).await;
        let ClaimResult::Held(hold) = replica.claim(1).await else { panic!("no send may start") };
        let left = hold.for_at_least.expect("known");
        assert_eq!(hold.reason, HoldReason::Throttled);
        assert!(left <= MINUTE && left > MINUTE / 2, "{left:?}");

        let a_minute_later = "CREATE OR REPLACE FUNCTION dispatch_now() RETURNS timestamptz \
                              LANGUAGE sql AS $$SELECT clock_timestamp() + interval '1 minute'$$";
        go.sql.batch_execute(a_minute_later).await.unwrap();
        assert_eq!(replica.start_one().await.id.0, 1, "{period:?} {ordering:?}");
    }
}

#[tokio::test]
async fn a_new_database_starts_at_once() {
    let database = support::migrated().await;
    enqueue(&database.client().await.unwrap(), 1).await;
    Replica::of(&database).start_one().await;
}

#[tokio::test]
async fn a_row_that_the_dying_batch_still_marks_is_sent_and_not_sent_again() {
    let (database, mut go) = go_database().await;
    let claimed = go.claim().await.unwrap();
    adopt(&database).await.unwrap();
    for message in &claimed {
        go.sent.push(message.id);
        go.mark(message.id).await.unwrap();
    }
    let end_the_wait = "UPDATE dispatch_control SET throttled_until = NULL";
    go.sql.batch_execute(end_the_wait).await.unwrap();
    assert_eq!((go.sent, Replica::of(&database).start_one().await.id.0), (vec![1, 2], 3));
}
