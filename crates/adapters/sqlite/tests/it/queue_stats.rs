//! Counts over long queues and long pasts: by what SQLite's machine does for
//! them, not by a clock.

use crate::{steps::enqueue, support::TestFile};
use dispatcher_domain::ports::{QueueDepth, QueueStats};
use dispatcher_sqlite::SqliteQueueStats;
use rusqlite::{Connection, StatementStatus};

/// The statement itself, not a copy of it.
const DEPTH: &str = include_str!("../../src/queue_stats/depth.sql");

async fn setting() -> (TestFile, Connection) {
    let file = TestFile::migrated().await;
    let shell = file.shell();
    shell.execute_batch("PRAGMA synchronous = off; PRAGMA cache_size = -100000").unwrap();
    (file, shell)
}

async fn depth(file: &TestFile) -> QueueDepth {
    SqliteQueueStats::new(file.open()).queue_depth().await.unwrap()
}

/// So many steps of SQLite's machine a count takes.
fn steps_of_a_count(shell: &Connection) -> i32 {
    let mut statement = shell.prepare(DEPTH).unwrap();
    let limit = i64::try_from(QueueDepth::EXACT_UP_TO).unwrap();
    statement.query_row([limit, i64::MAX], |_| Ok(())).unwrap();
    statement.get_status(StatementStatus::VmStep)
}

/// It is asked every few seconds: it must cost the same with ten million
/// messages that were sent.
#[tokio::test]
async fn the_queue_is_counted_without_a_look_at_what_was_sent() {
    let (file, shell) = setting().await;
    enqueue(&shell, 100_000);
    shell.execute("UPDATE messages SET status = 'sent', sent = 1", []).unwrap();
    shell.execute("UPDATE messages SET status = 'failed', sent = NULL WHERE id <= 10", []).unwrap();
    enqueue(&shell, 5);
    for statistics in ["none yet", "fresh"] {
        let steps = steps_of_a_count(&shell);
        assert!(steps < 1000, "{statistics}: {steps}");
        shell.execute_batch("ANALYZE").unwrap();
    }
    let depth = depth(&file).await;
    assert_eq!((depth.queued, depth.due, depth.failed), (5, 5, 10));
    let sent = depth.sent_estimate.expect("an estimate");
    assert!(sent.abs_diff(99_990) <= 10, "{sent}");
}

/// Each priority costs one look, however many messages have it.
#[tokio::test]
async fn the_oldest_of_many_priorities_is_found_by_a_look_at_each() {
    let (_file, shell) = setting().await;
    enqueue(&shell, 200);
    shell.execute("UPDATE messages SET priority = id % 10", []).unwrap();
    let few = steps_of_a_count(&shell);
    enqueue(&shell, 2000);
    let more = steps_of_a_count(&shell) - few;
    // What is left is the count itself, a few steps for each message.
    assert!(more < 2000 * 12, "{more} for 2000 messages");
}

/// Rows are wide, and of a long queue they lie on the disk.
#[tokio::test]
async fn what_is_counted_is_read_off_indexes_alone() {
    let (_file, shell) = setting().await;
    enqueue(&shell, 1000);
    for statistics in ["none yet", "fresh"] {
        let mut explain = shell.prepare(&format!("EXPLAIN QUERY PLAN {DEPTH}")).unwrap();
        let lines = explain.raw_query().mapped(|row| row.get::<_, String>(3));
        let lines: Vec<String> = lines.collect::<Result<_, _>>().unwrap();
        let looks: Vec<_> = lines.iter().filter(|line| line.contains(" messages ")).collect();
        assert!(looks.len() >= 10, "{looks:?}");
        for look in looks {
            assert!(look.contains("USING COVERING INDEX"), "{statistics}: {look}");
        }
        shell.execute_batch("ANALYZE").unwrap();
    }
}

#[tokio::test]
async fn a_long_queue_is_counted_to_a_limit() {
    let (file, shell) = setting().await;
    let limit = u32::try_from(QueueDepth::EXACT_UP_TO).unwrap();
    enqueue(&shell, limit + 1);
    enqueue(&shell, 3);
    shell.execute("UPDATE messages SET not_before = 1 WHERE id > ?1", [limit + 1]).unwrap();
    let depth = depth(&file).await;
    let told = u64::from(limit) + 3;
    assert_eq!((depth.due, depth.queued, depth.sent_estimate), (told, told, Some(0)));
    assert!(depth.oldest_due.is_some());
}
