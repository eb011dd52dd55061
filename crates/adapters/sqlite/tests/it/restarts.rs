//! What a restart finds.

use crate::{
    steps::{Replica, count, enqueue, hello},
    support::TestFile,
};
use dispatcher_contract::message_store::{refused, unknown};
use dispatcher_domain::{
    ClaimResult, DispatchPolicy, HoldReason, Terms,
    ports::{DispatchControl, MessageArchive, MessageRepo},
};
use jiff::SignedDuration;
use std::time::Duration;

#[tokio::test]
async fn a_restart_finds_all_that_was_there() {
    let file = TestFile::migrated().await;
    let replica = Replica::of(&file);
    replica.free_flow().await;
    enqueue(&file.shell(), 4);
    let messages = replica.start(4).await;
    replica.finish(&messages[0]).await;
    for (message, end) in messages[1..].iter().zip([refused(), unknown()]) {
        replica.messages.record_outcome(message.id, &message.lease, &end).await.unwrap();
    }
    let queued = replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    replica.control.set_enabled(false).await.unwrap();
    let ids = [messages[0].id, messages[1].id, messages[2].id, messages[3].id, queued.id];
    let before = everything(&replica, &ids).await;
    drop(replica);

    let replica = Replica::of(&file);
    assert_eq!(everything(&replica, &ids).await, before);
    let ClaimResult::Held(hold) = replica.claim(1).await else { panic!("it was stopped") };
    assert_eq!(hold.reason, HoldReason::Stopped);
    replica.control.set_enabled(true).await.unwrap();
    assert_eq!(replica.start_one().await.id, queued.id);
    // What was in flight can still be recorded by whoever knows its end.
    replica.finish(&messages[3]).await;
    assert_eq!(replica.archive.count_sent().await.unwrap(), 2);
}

async fn everything(replica: &Replica, ids: &[dispatcher_domain::MessageId]) -> String {
    let mut all = format!("{:?}", replica.control.snapshot().await.unwrap());
    for id in ids {
        let record = replica.archive.find(*id).await.unwrap().unwrap();
        all += &format!("{record:?} {:?} {}", record.message.created_at, record.message.content);
    }
    all
}

/// What is in flight has leases of that century, and strict order waits for them.
#[tokio::test]
async fn a_restart_after_the_clock_was_set_back_by_decades_works() {
    let file = TestFile::migrated().await;
    let replica = Replica::of(&file);
    replica.free_flow().await;
    enqueue(&file.shell(), 2);
    file.time.advance(SignedDuration::from_hours(70 * 366 * 24));
    replica.start_one().await;
    drop(replica);

    file.time.advance(SignedDuration::from_hours(-70 * 366 * 24));
    let replica = Replica::of(&file);
    replica.control.install_policy(DispatchPolicy::default()).await.unwrap();
    let ClaimResult::Held(hold) = replica.claim(1).await else { panic!("one is in flight") };
    assert_eq!(hold.reason, HoldReason::Busy);
    replica.messages.rescue_expired(Duration::ZERO, 9).await.unwrap();
    file.time.advance(SignedDuration::from_mins(2));
    assert_eq!(replica.messages.rescue_expired(Duration::ZERO, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_was_closed_is_one_file() {
    let file = TestFile::migrated().await;
    let replica = Replica::of(&file);
    replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    assert!(file.directory().join("messages.db-wal").exists());
    drop(replica);
    // All is in it: a copy of it alone is a backup.
    assert!(!file.directory().join("messages.db-wal").exists());
    let copy = file.directory().join("copy.db");
    std::fs::copy(file.path(), &copy).unwrap();
    let copy = rusqlite::Connection::open(copy).unwrap();
    assert_eq!(count(&copy, "SELECT count(*) FROM messages"), 1);
}
