//! Messages in doubt on a real server: many callers, many rows, and programs
//! that requeue by SQL.

use crate::{
    steps::{LIMIT, Replica, count, enqueue},
    support,
};
use dispatcher_contract::message_store::unknown;
use dispatcher_domain::{
    InDoubt, ProbeBackoff, Resolution,
    ports::{DoubtfulMessages, MessageRepo},
};
use dispatcher_postgres::PgDoubtfulMessages;
use dispatcher_testkit::TestDatabase;
use std::{collections::HashSet, time::Duration};
use tokio::{task::JoinSet, time::timeout};
use tokio_postgres::{Client, types::Type};

const TAKE: &str = include_str!("../../src/doubt/take.sql");
const BACKOFF: ProbeBackoff =
    ProbeBackoff { base: Duration::from_secs(3600), cap: Duration::from_secs(3600) };

fn doubts(database: &TestDatabase) -> PgDoubtfulMessages {
    PgDoubtfulMessages::new(support::pool(database))
}

async fn take(doubts: &PgDoubtfulMessages, limit: u32) -> Vec<InDoubt> {
    doubts.take_in_doubt(limit, &BACKOFF).await.expect("the store answers")
}

/// Rows that were parked, as far as their columns tell.
async fn parked(sql: &Client, count: i32) {
    let insert = "INSERT INTO messages (phone_number, content, status, sent, attempt) \
                  SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello', 'unconfirmed', NULL, 1 \
                  FROM generate_series(1, $1) n";
    sql.execute(insert, &[&count]).await.expect("a valid statement");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_at_once_share_the_messages_and_take_each_once() {
    const MESSAGES: usize = 400;
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    parked(&sql, i32::try_from(MESSAGES).unwrap()).await;
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let doubts = doubts(&database);
        callers.spawn(async move {
            let mut ids = Vec::new();
            loop {
                let taken = take(&doubts, 7).await;
                if taken.is_empty() {
                    return ids;
                }
                ids.extend(taken.into_iter().map(|doubt| doubt.id));
            }
        });
    }
    let callers = timeout(LIMIT, callers.join_all()).await.expect("an end");
    let taken: Vec<_> = callers.into_iter().flatten().collect();
    let different: HashSet<_> = taken.iter().collect();
    // One that finds all due rows locked ends early; the others go on.
    assert_eq!((taken.len(), different.len()), (MESSAGES, MESSAGES));
}

#[tokio::test]
async fn the_longest_due_are_read_off_their_index_however_many_are_parked() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    parked(&sql, 50_000).await;
    for statistics in ["none yet", "fresh"] {
        let explain = format!("EXPLAIN {TAKE}");
        let (limit, backoff) = (50_i64, 1000_i64);
        let params =
            [(&limit as _, Type::INT8), (&backoff as _, Type::INT8), (&backoff as _, Type::INT8)];
        let rows = sql.query_typed(&explain, &params).await.unwrap();
        let plan: String = rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect();
        let found = if statistics == "fresh" { "Scan using messages_in_doubt" } else { "in_doubt" };
        assert!(plan.contains(found), "{statistics}: {plan}");
        assert!(!plan.contains("Seq Scan on messages"), "{statistics}: {plan}");
        sql.batch_execute("ANALYZE messages").await.unwrap();
    }
}

#[tokio::test]
async fn a_requeue_by_sql_is_an_operators_word_and_knows_no_key_window() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let (replica, doubts) = (Replica::of(&database), doubts(&database));
    replica.free_flow().await;
    enqueue(&sql, 1).await;
    let first = replica.start_one().await;
    replica.messages.record_outcome(first.id, &first.lease, &unknown()).await.unwrap();
    let doubt = take(&doubts, 9).await.remove(0);
    let long_ago = doubt.now - Duration::from_secs(1);
    let resend = Resolution::Resend { after: Duration::ZERO, until: Some(long_ago) };
    assert!(doubts.settle(&doubt, &resend).await.unwrap());
    assert_eq!(replica.start(1).await, []);
    let over = "SELECT count(*) FROM messages WHERE status_reason = 'key_window_over'";
    assert_eq!(count(&sql, over).await, 1);
    sql.execute("UPDATE messages SET sent = FALSE", &[]).await.unwrap();
    let again = replica.start_one().await;
    assert_eq!((again.key, again.lease.attempt), (first.key, 2));
}

#[tokio::test]
async fn what_is_parked_again_keeps_no_limit_for_an_operator_to_stumble_over() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let (replica, doubts) = (Replica::of(&database), doubts(&database));
    replica.free_flow().await;
    enqueue(&sql, 2).await;
    let limited = "SELECT count(*) FROM messages WHERE resend_until IS NOT NULL";
    for rescued in [false, true] {
        let first = replica.start_one().await;
        replica.messages.record_outcome(first.id, &first.lease, &unknown()).await.unwrap();
        let mut taken = take(&doubts, 9).await.into_iter();
        let doubt = taken.find(|doubt| doubt.id == first.id).unwrap();
        let until = Some(doubt.now + BACKOFF.cap);
        let resend = Resolution::Resend { after: Duration::ZERO, until };
        assert!(doubts.settle(&doubt, &resend).await.unwrap());
        let again = replica.start_one().await;
        assert_eq!((again.id, count(&sql, limited).await), (first.id, 1));
        if rescued {
            sql.execute("UPDATE messages SET lease_until = 'epoch'", &[]).await.unwrap();
            replica.messages.rescue_expired(Duration::ZERO, 9).await.unwrap();
        } else {
            replica.messages.record_outcome(again.id, &again.lease, &unknown()).await.unwrap();
        }
        assert_eq!(count(&sql, limited).await, 0, "rescued: {rescued}");
    }
}
