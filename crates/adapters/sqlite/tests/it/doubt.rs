//! Messages in doubt in a real file: many callers, many rows, and programs
//! that requeue by SQL.

use crate::{
    steps::{LIMIT, Replica, count, enqueue, run},
    support::TestFile,
};
use dispatcher_contract::message_store::unknown;
use dispatcher_domain::{
    ClaimResult, ClaimedMessage, InDoubt, ProbeBackoff, Resolution,
    ports::{DoubtfulMessages, MessageRepo},
};
use dispatcher_sqlite::SqliteDoubtfulMessages;
use jiff::Timestamp;
use rusqlite::Connection;
use std::{collections::HashSet, time::Duration};
use tokio::{task::JoinSet, time::timeout};

const BACKOFF: ProbeBackoff =
    ProbeBackoff { base: Duration::from_secs(3600), cap: Duration::from_secs(3600) };

async fn take(doubts: &SqliteDoubtfulMessages, limit: u32) -> Vec<InDoubt> {
    doubts.take_in_doubt(limit, &BACKOFF).await.expect("the store answers")
}

async fn setting(messages: u32) -> (TestFile, Connection, Replica) {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    replica.free_flow().await;
    enqueue(&shell, messages);
    (file, shell, replica)
}

/// Makes `message`, which was started, wait to be sent again.
async fn resend(
    replica: &Replica,
    message: &ClaimedMessage,
    until: impl Fn(Timestamp) -> Timestamp,
) {
    replica.messages.record_outcome(message.id, &message.lease, &unknown()).await.unwrap();
    let mut taken = take(&replica.doubts, 64).await.into_iter();
    let doubt = taken.find(|doubt| doubt.id == message.id).expect("it is in doubt");
    let resend = Resolution::Resend { after: Duration::ZERO, until: Some(until(doubt.now)) };
    assert!(replica.doubts.settle(&doubt, &resend).await.unwrap());
}

/// Another program of ours may look beside the one that sends.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_at_once_share_the_messages_and_take_each_once() {
    const MESSAGES: u32 = 300;
    let (file, shell, replica) = setting(MESSAGES).await;
    shell.execute("UPDATE messages SET status = 'unconfirmed', sent = NULL", []).unwrap();
    drop(replica);
    let mut callers = JoinSet::new();
    for _ in 0..2 {
        let time = file.time.clone();
        let db = dispatcher_sqlite::Db::open(&file.config(), move || time.now()).unwrap();
        for _ in 0..4 {
            let doubts = SqliteDoubtfulMessages::new(db.clone());
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
    }
    let callers = timeout(LIMIT, callers.join_all()).await.expect("an end");
    let taken: Vec<_> = callers.into_iter().flatten().collect();
    let different: HashSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), different.len()), (MESSAGES as usize, MESSAGES as usize));
}

#[tokio::test]
async fn a_requeue_by_sql_is_an_operators_word_and_knows_no_key_window() {
    let (_file, shell, replica) = setting(1).await;
    let first = replica.start_one().await;
    resend(&replica, &first, |now| now - Duration::from_secs(1)).await;
    assert_eq!(replica.start(1).await, []);
    let over = "SELECT count(*) FROM messages WHERE status_reason = 'key_window_over'";
    assert_eq!(count(&shell, over), 1);
    run(&shell, "UPDATE messages SET sent = FALSE");
    let again = replica.start_one().await;
    assert_eq!((again.key, again.lease.attempt), (first.key, 2));
}

#[tokio::test]
async fn what_is_taken_out_of_the_queue_by_sql_comes_back_without_a_limit() {
    let (_file, shell, replica) = setting(1).await;
    let first = replica.start_one().await;
    resend(&replica, &first, |now| now - Duration::from_secs(1)).await;
    run(&shell, "UPDATE messages SET sent = NULL");
    run(&shell, "UPDATE messages SET sent = FALSE");
    assert_eq!(replica.start_one().await.id, first.id);
}

#[tokio::test]
async fn what_is_parked_again_keeps_no_limit_for_an_operator_to_stumble_over() {
    let (_file, shell, replica) = setting(2).await;
    let limited = "SELECT count(*) FROM messages WHERE resend_until IS NOT NULL";
    for rescued in [false, true] {
        let first = replica.start_one().await;
        resend(&replica, &first, |now| now + BACKOFF.cap).await;
        let again = replica.start_one().await;
        assert_eq!((again.id, count(&shell, limited)), (first.id, 1));
        if rescued {
            run(&shell, "UPDATE messages SET lease_until = 0 WHERE status = 'sending'");
            replica.messages.rescue_expired(Duration::ZERO, 9).await.unwrap();
        } else {
            replica.messages.record_outcome(again.id, &again.lease, &unknown()).await.unwrap();
        }
        assert_eq!(count(&shell, limited), 0, "rescued: {rescued}");
    }
}

/// More than one START looks at: it asks again at once, not when the next
/// scheduled message falls due.
#[tokio::test]
async fn a_crowd_of_late_resends_does_not_hide_what_is_due_behind_it() {
    let (_file, shell, replica) = setting(5001).await;
    let late = "UPDATE messages SET resend_until = 0 WHERE id <= 5000";
    assert_eq!(shell.execute(late, []).unwrap(), 5000);
    assert_eq!(replica.claim(1).await, ClaimResult::Empty { next_due_in: Some(Duration::ZERO) });
    assert_eq!(replica.start_one().await.id.0, 5001);
}
