//! How long lists are read: by their plans, not by a clock.

use crate::{
    steps::{Replica, enqueue},
    support::TestFile,
};
use dispatcher_domain::{MessageId, Status, ports::MessageRepo};
use rusqlite::Connection;

/// The statements themselves, not copies of them.
const EXPIRE: &str = include_str!("../../src/expire.sql");
const HEAD_OF_QUEUE: &str = include_str!("../../src/claim/head_of_queue.sql");
const IN_DOUBT: &str = include_str!("../../src/doubt/take.sql");
const OF_STATUS: &str = include_str!("../../src/summary/of_status.sql");
const OF_ACCEPTED_STATUS: &str = include_str!("../../src/summary/of_accepted_status.sql");

fn plan(shell: &Connection, statement: &str) -> String {
    let mut explain = shell.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    // What is not bound is NULL: the plan is made without the values.
    let lines = explain.raw_query().mapped(|row| row.get::<_, String>(3));
    lines.map(|line| line.unwrap() + "\n").collect()
}

/// Scheduled messages stand before all that are due.
async fn long_queue() -> (TestFile, Connection) {
    let file = TestFile::migrated().await;
    let shell = file.shell();
    shell.execute_batch("PRAGMA synchronous = off; PRAGMA cache_size = -100000").unwrap();
    enqueue(&shell, 20_000);
    let schedule = "UPDATE messages SET not_before = created_at + 86400000000, \
                        created_at = created_at - 86400000000";
    shell.execute(schedule, []).unwrap();
    enqueue(&shell, 200_000);
    (file, shell)
}

#[tokio::test]
async fn the_head_of_a_long_queue_is_read_off_its_index_without_a_sort() {
    let (file, shell) = long_queue().await;
    let replica = Replica::of(&file);
    for statistics in ["none yet", "fresh"] {
        for statement in [
            HEAD_OF_QUEUE,
            "SELECT id FROM messages WHERE status = 'queued' AND not_before <= 1 \
             ORDER BY not_before LIMIT 1000",
            "SELECT id FROM messages WHERE status = 'sending' AND lease_until < 1 \
             ORDER BY lease_until LIMIT 1",
            "SELECT id FROM messages WHERE sent = 1 AND (created_at, id) > (1, 2) \
             ORDER BY created_at, id LIMIT 1",
        ] {
            let plan = plan(&shell, statement);
            assert!(plan.contains("INDEX messages_"), "{statistics}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{statistics}: {plan}");
        }
        let head = plan(&shell, HEAD_OF_QUEUE);
        assert!(head.contains("SCAN messages USING INDEX messages_due"), "{statistics}: {head}");
        shell.execute_batch("ANALYZE").unwrap();
    }
    assert_eq!(replica.start_one().await.id, MessageId(20_001));
}

#[tokio::test]
async fn what_is_over_is_found_by_its_index_without_a_sort() {
    let (file, shell) = long_queue().await;
    let ends =
        "UPDATE messages SET expires_at = CASE WHEN id % 2 THEN 1 ELSE 253402207199999999 END";
    shell.execute(ends, []).unwrap();
    for statistics in ["none yet", "fresh"] {
        let plan = plan(&shell, EXPIRE);
        assert!(plan.contains("USING COVERING INDEX messages_expiring"), "{statistics}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{statistics}: {plan}");
        shell.execute_batch("ANALYZE").unwrap();
    }
    let expired = Replica::of(&file).messages.expire_overdue(1000).await.unwrap();
    assert_eq!(expired.len(), 1000);
}

/// Most are sent; some wait, a few are in trouble.
async fn lived_in() -> (TestFile, Connection) {
    let file = TestFile::migrated().await;
    let shell = file.shell();
    shell.execute_batch("PRAGMA synchronous = off; PRAGMA cache_size = -100000").unwrap();
    enqueue(&shell, 50_000);
    for fate in [
        "status = 'sent', sent = 1 WHERE id % 4 > 0",
        "status = 'failed', sent = NULL WHERE id % 100 = 0",
        "status = 'unconfirmed', sent = NULL WHERE id % 100 = 4",
    ] {
        shell.execute(&format!("UPDATE messages SET {fate}"), []).unwrap();
    }
    (file, shell)
}

#[tokio::test]
async fn pages_of_a_status_and_what_is_in_doubt_are_read_off_an_index_without_a_sort() {
    let (_file, shell) = lived_in().await;
    for statistics in ["none yet", "fresh"] {
        for (statement, access) in [
            (OF_STATUS, "messages_by_status (status=? AND created_at>?)"),
            (OF_ACCEPTED_STATUS, "messages_sent_in_order (created_at>?)"),
            (IN_DOUBT, "messages_in_doubt (next_probe_at<?)"),
        ] {
            let plan = plan(&shell, statement);
            assert!(plan.contains(access), "{statistics}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{statistics}: {plan}");
            assert!(!plan.contains("SCAN"), "{statistics}: {plan}");
        }
        shell.execute_batch("ANALYZE").unwrap();
    }
}

/// The words of the index stand in the query too, or it could not be used.
#[test]
fn the_statuses_beyond_the_index_are_the_accepted_ones() {
    let accepted = Status::ALL.into_iter().filter(|status| status.is_accepted());
    let words: Vec<String> = accepted.map(|status| format!("'{status}'")).collect();
    assert!(OF_STATUS.contains(&format!("status NOT IN ({})", words.join(", "))));
}
