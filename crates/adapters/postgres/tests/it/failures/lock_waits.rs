//! A statement that waits for somebody's lock.

use crate::{
    steps::{Replica, insert},
    support,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::ports::{DispatchControl, MessageRepo, StoreError};
use dispatcher_postgres::Db;
use std::time::Duration;

#[tokio::test]
async fn a_call_that_waits_for_a_lock_ends_by_the_time_out_and_the_pool_goes_on() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    insert(&sql, "+905551234567").await;
    let mut config = support::config(database.parts());
    // Soon over, and long enough for a call on a machine that stalls.
    config.timeout = Duration::from_secs(5);
    // The one connection that there is must not be lost to the waiting call.
    config.pool_size = 1;
    let replica = Replica::over(Db::connect_lazily(&config).unwrap());

    sql.batch_execute("BEGIN; SELECT * FROM dispatch_control FOR UPDATE").await.unwrap();
    let answer = replica.messages.claim_due(&request(1)).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    replica.control.snapshot().await.expect("the next call needs no lock and works");

    sql.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(replica.start_one().await.lease.attempt, 1, "nothing of the first one happened");
}
