//! Calls that take too long, and callers that lose interest.

use crate::{
    steps::{LIMIT, Replica, count, enqueue, hello, run, whole_text},
    support::TestFile,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    Terms,
    ports::{MessageRepo, StoreError},
};
use rusqlite::Connection;
use std::{future::Future, pin::pin, task::Poll, time::Duration};

async fn setting(timeout: Duration) -> (TestFile, Connection, Replica) {
    let file = TestFile::migrated().await;
    let mut config = file.config();
    config.timeout = timeout;
    let replica = Replica::over(file.open_with(&config));
    let shell = file.shell();
    (file, shell, replica)
}

/// Soon over, and yet long enough for a busy machine to write what must succeed.
const SHORT: Duration = Duration::from_secs(4);

#[tokio::test]
async fn a_file_that_another_program_holds_is_unavailable_and_nothing_happened() {
    let (file, shell, replica) = setting(SHORT).await;
    enqueue(&shell, 1);
    let other = file.shell();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for error in [
        replica.messages.claim_due(&request(1)).await.unwrap_err(),
        replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        let text = whole_text(&error);
        assert!(text.contains("locked by another") || text.contains("no answer"), "{text}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(replica.start_one().await.lease.attempt, 1);
    assert_eq!(count(&shell, "SELECT count(*) FROM messages"), 1);
}

/// A statement that would run for ever.
const ENDLESS: &str = "\
    CREATE TRIGGER endless AFTER INSERT ON messages BEGIN \
        SELECT (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                SELECT max(i) FROM n); \
    END";

#[tokio::test]
async fn a_statement_that_does_not_end_is_stopped_and_undone() {
    let (_file, shell, replica) = setting(SHORT).await;
    shell.execute_batch(ENDLESS).unwrap();
    let error = replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    // The thread is free again, and the file is: this needs both.
    shell.busy_timeout(LIMIT).unwrap();
    shell.execute_batch("DROP TRIGGER endless").unwrap();
    replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    assert_eq!(count(&shell, "SELECT count(*) FROM messages"), 1);
}

/// Lets `call` begin, and gives it up.
async fn give_up<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    std::future::poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn what_is_given_up_while_it_waits_or_works_did_not_happen() {
    let (file, shell, replica) = setting(LIMIT).await;
    enqueue(&shell, 1);
    let other = file.shell();
    // The first waits for the other program, the rest for the first.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    give_up(replica.messages.enqueue(&hello(), &Terms::default())).await;
    give_up(replica.messages.enqueue(&hello(), &Terms::default())).await;
    give_up(replica.messages.claim_due(&request(1))).await;
    other.execute_batch("ROLLBACK").unwrap();

    // All stand in one line: behind them, they are over.
    assert_eq!(replica.start_one().await.lease.attempt, 1);
    assert_eq!(count(&shell, "SELECT count(*) FROM messages"), 1);
    assert_eq!(count(&shell, "SELECT count(*) FROM attempts"), 1);
}

#[tokio::test]
async fn what_is_given_up_at_work_is_stopped() {
    let (_file, shell, replica) = setting(Duration::MAX).await;
    shell.execute_batch(ENDLESS).unwrap();
    give_up(replica.messages.enqueue(&hello(), &Terms::default())).await;
    shell.busy_timeout(LIMIT).unwrap();
    shell.execute_batch("DROP TRIGGER endless").unwrap();
    run(&shell, "INSERT INTO messages (phone_number, content) VALUES ('1234567890', 'x')");
    assert_eq!(count(&shell, "SELECT count(*) FROM messages"), 1);
}
