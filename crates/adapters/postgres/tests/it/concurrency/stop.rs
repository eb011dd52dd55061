//! P8: after a stop has answered nothing starts, on any replica, until a start.

use super::at_once;
use crate::{
    steps::{LIMIT, Replica, count},
    support,
};
use dispatcher_domain::{ClaimResult, HoldReason, Ordering, ports::DispatchControl};
use dispatcher_testkit::wait_until;
use jiff::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio_postgres::Client;

const ROUNDS: usize = 12;
const FILL: &str = "\
    INSERT INTO messages (phone_number, content) \
    SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello' FROM generate_series(1, 20000) n";

/// What the replicas have seen.
#[derive(Default)]
struct Seen {
    started: AtomicI64,
    stopped: AtomicI64,
    enough: AtomicBool,
}

async fn now(sql: &Client) -> Timestamp {
    sql.query_one("SELECT dispatch_now()", &[]).await.unwrap().get(0)
}

/// Waits until a count has grown well beyond one answer of each replica.
async fn grows(what: &str, counter: &AtomicI64) {
    let before = counter.load(SeqCst);
    wait_until(what, LIMIT, async || counter.load(SeqCst) >= before + 20).await;
}

async fn claim_until_enough(replica: Arc<Replica>, seen: Arc<Seen>, sql: Arc<Client>) {
    while !seen.enough.load(SeqCst) {
        match replica.claim(1).await {
            ClaimResult::Started(_) => seen.started.fetch_add(1, SeqCst),
            ClaimResult::Held(hold) if hold.reason == HoldReason::Stopped => {
                seen.stopped.fetch_add(1, SeqCst)
            }
            // While the operator stalls, the replicas may start everything.
            ClaimResult::Empty { .. } => {
                sql.batch_execute(FILL).await.unwrap();
                continue;
            }
            other => panic!("neither started nor stopped: {other:?}"),
        };
    }
}

async fn operate(operator: &Replica, sql: &Client, seen: &Seen) {
    for _ in 0..ROUNDS {
        grows("sends start", &seen.started).await;
        operator.control.set_enabled(false).await.unwrap();
        let stopped = now(sql).await;
        grows("the replicas are stopped", &seen.stopped).await;
        let until = now(sql).await;
        operator.control.set_enabled(true).await.unwrap();
        let late = "SELECT count(*) FROM attempts WHERE started_at BETWEEN $1 AND $2";
        let late: i64 = sql.query_one(late, &[&stopped, &until]).await.unwrap().get(0);
        assert_eq!(late, 0, "started between {stopped} and {until}");
    }
}

async fn a_stop_holds(ordering: Ordering, period: Duration) {
    let database = support::migrated().await;
    let sql = Arc::new(database.client().await.unwrap());
    let operator = Replica::of(&database);
    operator.pace(1_000_000, period, ordering).await;
    sql.batch_execute(FILL).await.unwrap();
    let seen = Arc::new(Seen::default());
    let claims = at_once(&database, |replica| {
        claim_until_enough(replica, Arc::clone(&seen), Arc::clone(&sql))
    });
    let operation = async {
        operate(&operator, &sql, &seen).await;
        seen.enough.store(true, SeqCst);
    };
    tokio::join!(claims, operation);
    let started = count(&sql, "SELECT count(*) FROM attempts").await;
    assert_eq!(started, seen.started.load(SeqCst));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_starts_after_a_stop_without_a_quota() {
    a_stop_holds(Ordering::None, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_starts_after_a_stop_with_a_quota() {
    a_stop_holds(Ordering::None, Duration::from_secs(3600)).await;
}
