//! Callers that lose interest in the middle of a transaction.

use crate::{
    steps::{LIMIT, Replica, count, enqueue, insert},
    support,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::ports::MessageRepo;
use dispatcher_postgres::Db;
use dispatcher_testkit::{TestDatabase, wait_until};
use std::{sync::Arc, time::Duration};
use tokio_postgres::Client;

/// Sessions of ours that wait for a lock.
const WAITING: &str = "\
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND application_name = 'message-dispatcher' AND wait_event_type = 'Lock'";
/// Sessions of ours with anything open.
const OPEN: &str = "\
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND application_name = 'message-dispatcher' AND state <> 'idle'";
/// Locks that other sessions than this one hold.
const LOCKS: &str = "\
    SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
    WHERE d.datname = current_database() AND l.pid <> pg_backend_pid()";

/// The server's own time-outs are far away: they do not help here.
async fn setting() -> (TestDatabase, Client, Arc<Replica>) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let mut config = support::config(database.parts());
    config.timeout = Duration::from_secs(600);
    let replica = Replica::over(Db::connect_lazily(&config).unwrap());
    (database, sql, replica)
}

async fn nothing_is_left_open(sql: &Client) {
    wait_until("nothing is left open", LIMIT, async || {
        count(sql, OPEN).await == 0 && count(sql, LOCKS).await == 0
    })
    .await;
}

#[tokio::test]
async fn a_claim_given_up_while_it_waits_for_a_lock_leaves_nothing_open() {
    let (database, sql, replica) = setting().await;
    insert(&sql, "+905551234567").await;
    let other = database.client().await.unwrap();
    other.batch_execute("BEGIN; SELECT * FROM dispatch_control FOR UPDATE").await.unwrap();
    let abandoned = Arc::clone(&replica);
    let claim = tokio::spawn(async move { abandoned.messages.claim_due(&request(1)).await });
    wait_until("the claim waits", LIMIT, async || count(&sql, WAITING).await == 1).await;

    claim.abort();
    assert!(claim.await.unwrap_err().is_cancelled());
    other.batch_execute("ROLLBACK").await.unwrap();
    drop(other);

    nothing_is_left_open(&sql).await;
    assert_eq!(replica.start_one().await.lease.attempt, 1, "nothing of it happened");
}

#[tokio::test]
async fn claims_given_up_at_any_point_leave_nothing_open() {
    let (_database, sql, replica) = setting().await;
    replica.free_flow().await;
    enqueue(&sql, 500).await;
    let mut finished = 0;
    for patience in 0..400 {
        let request = request(1);
        tokio::select! {
            biased;
            answer = replica.messages.claim_due(&request) => {
                answer.unwrap();
                finished += 1;
            }
            () = turns(patience) => {}
        }
    }
    assert!(finished < 400, "some were given up");
    nothing_is_left_open(&sql).await;
    // Whoever gave up does not know whether it had begun; all or nothing, though.
    let torn = "SELECT count(*) FROM messages m WHERE (status = 'sending') <> EXISTS ( \
                    SELECT 1 FROM attempts a WHERE a.message_uuid = m.uuid)";
    assert_eq!(count(&sql, torn).await, 0);
}

/// Lets everybody else take so many turns.
async fn turns(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}
