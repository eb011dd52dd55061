//! How the server finds the head of a long queue: by its plan, not by a clock.

use crate::support;
use dispatcher_domain::{
    Status,
    ports::{QueueDepth, QueueStats},
};
use dispatcher_postgres::PgQueueStats;
use dispatcher_testkit::TestDatabase;
use tokio_postgres::{
    Client,
    types::{ToSql, Type},
};

/// The statements themselves, not copies of them.
const HEAD_OF_QUEUE: &str = include_str!("../../src/claim/head_of_queue.sql");
const HEADS_OF_LANES: &str = include_str!("../../src/claim/heads_of_lanes.sql");
const EXPIRED: &str = include_str!("../../src/expired.sql");
const FALLEN_DUE: &str = include_str!("../../src/claim/fallen_due.sql");
const START: &str = include_str!("../../src/claim/start.sql");
const OF_STATUS: &str = include_str!("../../src/summary/of_status.sql");
const OF_ACCEPTED_STATUS: &str = include_str!("../../src/summary/of_accepted_status.sql");

const QUEUE_DEPTH: &str = include_str!("../../src/queue_stats/depth.sql");
const QUEUE_DEPTH_SETTINGS: &str = include_str!("../../src/queue_stats/settings.sql");

/// Scheduled messages stand before all that are due.
async fn long_queue() -> (TestDatabase, Client) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let fill = "\
        INSERT INTO messages (phone_number, content, created_at, not_before) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello', now() - interval '1 day', \
               now() + interval '1 day' \
        FROM generate_series(1, 100000) n; \
        INSERT INTO messages (phone_number, content) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello' FROM generate_series(1, 200000) n";
    sql.batch_execute(fill).await.unwrap();
    (database, sql)
}

async fn plan(sql: &Client, statement: &str) -> String {
    let explain = format!("EXPLAIN {statement}");
    let rows = sql.query_typed(&explain, &[(&2_i64, Type::INT8)]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

async fn now(sql: &Client) -> jiff::Timestamp {
    sql.query_one("SELECT now()", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_head_of_a_long_queue_is_read_off_its_index_without_a_sort() {
    let (_database, sql) = long_queue().await;
    for statistics in ["none yet", "fresh"] {
        let plan = plan(&sql, HEAD_OF_QUEUE).await;
        assert!(plan.contains("Index Scan using messages_due on messages"), "{statistics}: {plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{statistics}: {plan}");
        sql.batch_execute("ANALYZE messages").await.unwrap();
    }
}

/// Behind 200,000 that are due: 200,000 that end some day, and 200,000 that are
/// over already and wait for days to come, where nobody would find them by the way.
async fn queue_with_ends() -> (TestDatabase, Client) {
    let (database, sql) = long_queue().await;
    let fill = "\
        INSERT INTO messages (phone_number, content, expires_at) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello', now() + interval '1 day' \
        FROM generate_series(1, 200000) n; \
        INSERT INTO messages (phone_number, content, not_before, expires_at) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello', now() - interval '1 hour', \
               now() - interval '1 minute' \
        FROM generate_series(1, 200000) n";
    sql.batch_execute(fill).await.unwrap();
    (database, sql)
}

/// What a START makes way with, and what the sweep runs.
#[tokio::test]
async fn what_is_over_and_what_has_fallen_due_is_found_by_its_index_without_a_sort() {
    let (_database, sql) = queue_with_ends().await;
    let sweep = format!("WITH {EXPIRED} SELECT id FROM expired");
    for statistics in ["none yet", "fresh"] {
        let now = now(&sql).await;
        for (statement, now) in
            [(format!("WITH {EXPIRED}{FALLEN_DUE}"), Some(now)), (sweep.clone(), None)]
        {
            let params: [(&(dyn ToSql + Sync), Type); 3] = [
                (&now, Type::TIMESTAMPTZ),
                (&1000_i64, Type::INT8),
                (&"expires_at_passed", Type::TEXT),
            ];
            sql.batch_execute("BEGIN").await.unwrap();
            let explain = format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {statement}");
            let rows = sql.query_typed(&explain, &params).await.unwrap();
            sql.batch_execute("ROLLBACK").await.unwrap();
            let plan: String = rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect();
            let told = format!("{statistics}: {plan}");
            assert!(plan.contains("messages_expiring"), "{told}");
            assert!(!plan.contains("Seq Scan on messages"), "{told}");
            if statistics == "fresh" {
                assert!(plan.contains("Index Scan using messages_expiring on"), "{told}");
                assert!(!plan.contains("Sort Key: messages.expires_at"), "{told}");
            }
        }
        let head = plan(&sql, HEAD_OF_QUEUE).await;
        assert!(head.contains("Index Scan using messages_due on messages"), "{head}");
        assert!(!head.contains("Sort") && !head.contains("Seq Scan"), "{statistics}: {head}");
        sql.batch_execute("ANALYZE messages").await.unwrap();
    }
}

#[tokio::test]
async fn the_rows_of_a_start_are_found_by_their_ids() {
    let (_database, sql) = long_queue().await;
    let ids: Vec<i64> = (100_001..=100_064).collect();
    let (words, numbers) = (vec!["gsm7"; 64], vec![1_i32; 64]);
    let now = now(&sql).await;
    let token = uuid::Uuid::nil();
    for statistics in ["none yet", "fresh"] {
        let params: [(&(dyn ToSql + Sync), Type); 9] = [
            (&ids, Type::INT8_ARRAY),
            (&token, Type::UUID),
            (&now, Type::TIMESTAMPTZ),
            (&60_000_i64, Type::INT8),
            (&true, Type::BOOL),
            (&"replica-1", Type::TEXT),
            (&words, Type::TEXT_ARRAY),
            (&numbers, Type::INT4_ARRAY),
            (&words, Type::TEXT_ARRAY),
        ];
        let rows = sql.query_typed(&format!("EXPLAIN {START}"), &params).await.unwrap();
        let plan: String = rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect();
        assert!(plan.contains("messages_pkey"), "{statistics}: {plan}");
        assert!(!plan.contains("Seq Scan"), "{statistics}: {plan}");
        sql.batch_execute("ANALYZE messages").await.unwrap();
    }
}

/// Read through a window: one recipient's backlog made this quadratic once.
#[tokio::test]
async fn the_heads_of_lanes_are_found_without_comparing_all_with_all() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    for lanes in [1, 10] {
        let fill = format!(
            "TRUNCATE messages; INSERT INTO messages (phone_number, content) \
             SELECT '+90555' || lpad((n % {lanes})::text, 7, '0'), 'Hello' \
             FROM generate_series(1, 50000) n"
        );
        sql.batch_execute(&fill).await.unwrap();
        for statistics in ["none yet", "fresh"] {
            let plan = plan(&sql, HEADS_OF_LANES).await;
            assert!(plan.contains("Index Scan using messages_due on"), "{statistics}: {plan}");
            assert!(!plan.contains("Join Filter"), "{lanes} lanes, {statistics}: {plan}");
            let found = sql.query_typed(HEADS_OF_LANES, &[(&64_i64, Type::INT8)]).await.unwrap();
            assert_eq!(found.len(), lanes);
            sql.batch_execute("ANALYZE messages").await.unwrap();
        }
    }
}

/// Beside these the planner once read the whole queue and sorted it.
#[tokio::test]
async fn the_heads_of_lanes_cost_the_same_beside_many_that_are_scheduled() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let fill = "\
        INSERT INTO messages (phone_number, content, not_before, expires_at) \
        SELECT '+90666' || lpad(n::text, 7, '0'), 'Hello', now() + interval '1 day', \
               now() + interval '2 days' \
        FROM generate_series(1, 200000) n; \
        INSERT INTO messages (phone_number, content) \
        SELECT '+90555' || lpad((n % 500)::text, 7, '0'), 'Hello' FROM generate_series(1, 20000) n";
    sql.batch_execute(fill).await.unwrap();
    sql.batch_execute("VACUUM (ANALYZE) messages").await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {HEADS_OF_LANES}");
    let rows = sql.query_typed(&explain, &[(&8_i64, Type::INT8)]).await.unwrap();
    let plan: String = rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect();
    assert!(plan.contains("Scan using messages_due on messages"), "{plan}");
    assert!(pages_read(&plan) < 2_000, "{plan}");
}

/// Most are sent; some wait, a few are in trouble, and every status has a past.
const LIVED_IN: &str = "\
    INSERT INTO messages (phone_number, content, status, sent, created_at) \
    SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello', \
        CASE WHEN n % 100 = 0 THEN 'failed' WHEN n % 100 = 50 THEN 'unconfirmed' WHEN n % 2 = 0 THEN 'queued' ELSE 'sent' END, \
        CASE WHEN n % 50 = 0 THEN NULL WHEN n % 2 = 0 THEN FALSE ELSE TRUE END, \
        now() - n * interval '1 second' \
    FROM generate_series(1, 200000) n";

/// A page in the middle of the list, as `GET /api/messages` reads it.
async fn page_plan(sql: &Client, status: Status) -> String {
    let middle = "SELECT now() - interval '100000 seconds'";
    let created_at: jiff::Timestamp = sql.query_one(middle, &[]).await.unwrap().get(0);
    let statement = if status.is_accepted() { OF_ACCEPTED_STATUS } else { OF_STATUS };
    let rows = sql
        .query_typed(
            &format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {statement}"),
            &[
                (&50_i64, Type::INT8),
                (&status.as_str(), Type::TEXT),
                (&created_at, Type::TIMESTAMPTZ),
                (&1_i64, Type::INT8),
            ],
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

#[tokio::test]
async fn a_page_of_each_status_is_read_off_an_index_without_a_sort() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    sql.batch_execute(LIVED_IN).await.unwrap();
    let page = async |status: Status, index: &str, statistics: &str| {
        let plan = page_plan(&sql, status).await;
        let told = format!("{status}, statistics {statistics}: {plan}");
        assert!(plan.contains(&format!("Index Scan using {index} on")), "{told}");
        assert!(!plan.contains("Sort"), "{told}");
    };
    for statistics in ["none yet", "fresh"] {
        // What is in flight is little: any index will do.
        let others = |status: &Status| !status.is_accepted() && *status != Status::Sending;
        for status in Status::ALL.into_iter().filter(others) {
            page(status, "messages_by_status", statistics).await;
        }
        sql.batch_execute("ANALYZE messages").await.unwrap();
    }
    // `delivered` and `undelivered` are reserved: no message has them yet.
    page(Status::Sent, "messages_sent_in_order", "fresh").await;
}

/// It is asked every few seconds: it must cost the same with ten million
/// messages that were sent.
#[tokio::test]
async fn the_queue_is_counted_without_a_look_at_what_was_sent() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    let fill = "\
        INSERT INTO messages (phone_number, content, sent) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello', TRUE FROM generate_series(1, 200000) n; \
        INSERT INTO messages (phone_number, content) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'Hello' FROM generate_series(1, 5) n";
    sql.batch_execute(fill).await.unwrap();
    for statistics in ["none yet", "fresh"] {
        let tree = depth_plan(&sql).await;
        assert!(!tree.contains("Seq Scan on messages"), "{statistics}: {tree}");
        assert!(pages_read(&tree) < 1000, "{statistics}: {tree}");
        sql.batch_execute("VACUUM ANALYZE messages").await.unwrap();
    }
    let depth = PgQueueStats::new(support::pool(&database)).queue_depth().await.unwrap();
    assert_eq!((depth.queued, depth.due), (5, 5));
    let sent = depth.sent_estimate.expect("an estimate");
    assert!(sent.abs_diff(200_000) < 1000, "{sent}");
}

/// What was read, with the settings of the real call.
async fn depth_plan(sql: &Client) -> String {
    sql.batch_execute("BEGIN").await.unwrap();
    sql.query_typed(QUEUE_DEPTH_SETTINGS, &[(&"5000", Type::TEXT)]).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {QUEUE_DEPTH}");
    let rows = sql.query_typed(&explain, &[(&100_000_i64, Type::INT8)]).await.unwrap();
    sql.batch_execute("ROLLBACK").await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

/// Pages touched, as the top of the tree sums them up.
fn pages_read(tree: &str) -> u64 {
    let line = tree.lines().find(|line| line.contains("Buffers: shared")).expect("buffers");
    let numbers = line.split(['=', ' ']).filter_map(|word| word.parse::<u64>().ok());
    numbers.sum()
}

#[tokio::test]
async fn a_long_queue_is_counted_to_a_limit_and_estimated_beyond_it() {
    let (database, sql) = long_queue().await;
    let stats = PgQueueStats::new(support::pool(&database));
    let depth = stats.queue_depth().await.unwrap();
    assert_eq!(depth.due, QueueDepth::EXACT_UP_TO, "nothing was analyzed yet");
    sql.batch_execute("VACUUM ANALYZE messages").await.unwrap();
    let depth = stats.queue_depth().await.unwrap();
    // 200,000 that are due and 100,000 that are scheduled.
    let near = |count: u64, expected: u64| count.abs_diff(expected) < expected / 20;
    assert!(near(depth.due, 200_000) && near(depth.queued, 300_000), "{depth:?}");
    let tree = depth_plan(&sql).await;
    assert!(!tree.contains("Seq Scan on messages"), "{tree}");
}
