//! How a long queue is read: by its plan, not by a clock.

use crate::{
    steps::{Replica, enqueue},
    support::TestFile,
};
use dispatcher_domain::MessageId;
use rusqlite::Connection;

/// The statement itself, not a copy of it.
const HEAD_OF_QUEUE: &str = include_str!("../../src/claim/head_of_queue.sql");

fn plan(shell: &Connection, statement: &str) -> String {
    let mut explain = shell.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    let lines = explain.query_map([], |row| row.get::<_, String>(3)).unwrap();
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
