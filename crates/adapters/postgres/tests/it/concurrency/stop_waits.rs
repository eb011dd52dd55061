//! P8, the other half: a START that is under way when a stop comes is waited
//! for. What commits after the answer would be a send after the stop.

use crate::{
    steps::{LIMIT, Replica, count, enqueue},
    support,
};
use dispatcher_domain::{Ordering, ports::DispatchControl};
use dispatcher_testkit::wait_until;
use std::{sync::Arc, time::Duration};

const WAITING: &str = "\
    SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn a_stop_waits_for_a_start_under_way(ordering: Ordering, period: Duration) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let (replica, operator) = (Replica::of(&database), Replica::of(&database));
    operator.pace(1, period, ordering).await;
    // Now the replica knows whether it needs the control row.
    assert!(replica.start(1).await.is_empty());
    enqueue(&sql, 2).await;

    // It stops in the middle of START, which has seen that sending is enabled.
    let other = database.client().await.unwrap();
    other.batch_execute("BEGIN; LOCK TABLE attempts IN EXCLUSIVE MODE").await.unwrap();
    let starting = Arc::clone(&replica);
    let start = tokio::spawn(async move { starting.start(1).await.len() });
    wait_until("the START waits", LIMIT, async || count(&sql, WAITING).await == 1).await;
    let stop = tokio::spawn(async move { operator.control.set_enabled(false).await.unwrap() });
    wait_until("the stop waits, or has answered", LIMIT, async || {
        stop.is_finished() || count(&sql, WAITING).await == 2
    })
    .await;
    assert!(!stop.is_finished(), "a START that it did not wait for can still commit");

    other.batch_execute("ROLLBACK").await.unwrap();
    assert!(stop.await.unwrap(), "it was on before");
    assert_eq!(count(&sql, "SELECT count(*) FROM attempts").await, 1);
    assert_eq!(start.await.unwrap(), 1);
    assert!(replica.start(1).await.is_empty());
}

#[tokio::test]
async fn a_stop_waits_for_a_start_beside_the_control_row() {
    a_stop_waits_for_a_start_under_way(Ordering::None, Duration::ZERO).await;
}

#[tokio::test]
async fn a_stop_waits_for_a_start_through_the_control_row() {
    a_stop_waits_for_a_start_under_way(Ordering::Strict, Duration::ZERO).await;
}
