//! The whole way of a Go operator: its database as it is, our three replicas,
//! back to Go, and forth again.

use dispatcher_mock_provider::{Behaviour, Config, MockProvider, Script, Step};
use dispatcher_postgres::{PgConfig, migrations};
use dispatcher_stage::{LIMIT, Replica, Stage, store::Postgres};
use dispatcher_testkit::{
    TestDatabase, TestRedis,
    go_service::{GoMessage, GoService},
    process::Signal,
};
use serde_json::Value;
use std::collections::HashMap;
use tokio_postgres::Client;

/// Of the first messages: sent by the Go service before it was stopped.
const SENT: i64 = 50;
const UNSENT: i64 = 1_000;
/// Of these, so many are sent before the Go service goes on.
const OURS: u32 = 400;
/// Of these, its cache still knows the provider's id.
const CACHED: i64 = 20;

/// A database as years of the Go service leave it: three runs of its migration
/// with ten samples each, NULLs, and rows that it never sends.
async fn go_database(database: &TestDatabase) -> GoService {
    let go = GoService::on(database).await;
    for _ in 0..3 {
        go.migrate().await;
    }
    let rows = "\
        INSERT INTO messages (phone_number, content, sent, created_at) \
        SELECT '+90555' || lpad(n::text, 7, '0'), 'message ' || n, n <= 50, \
            timestamp '2024-03-31 00:59:00.123456' + n * interval '1 minute' \
        FROM generate_series(1, 1020) n";
    let odd = "\
        INSERT INTO messages (phone_number, content, sent, created_at) VALUES \
            ('+905559000001', 'without a date', FALSE, NULL), \
            ('+905559000002', 'never sent by it', NULL, now()), \
            ('+905559000003', 'neither', NULL, NULL), \
            ('123', 'too short a number', FALSE, now()), \
            ('+905559000004', '', FALSE, now())";
    go.sql.batch_execute(&format!("{rows}; {odd}")).await.expect("rows");
    go
}

/// What the Go service's cache still knows of what it sent.
async fn go_cache(redis: &TestRedis, sent: &[GoMessage]) {
    for message in sent.iter().rev().take(usize::try_from(CACHED).expect("few")) {
        let key = format!("delivery:{}", message.id);
        let value = format!(
            r#"{{"message_id":"go-{}","timestamp":"2024-04-01T12:00:00.123456789+03:00"}}"#,
            message.id
        );
        redis.command(&["SET", &key, &value, "EX", "86400"]).await.expect("Redis answers");
    }
}

/// Two at once, as two deployments may.
async fn migrate_twice(database: &TestDatabase) {
    let parts = database.parts();
    let config =
        PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password);
    let (one, other) =
        tokio::join!(migrations::migrate(&config, LIMIT), migrations::migrate(&config, LIMIT));
    let applied: Vec<String> =
        [one, other].into_iter().flat_map(|report| report.expect("it ends well").applied).collect();
    assert_eq!(applied.len(), migrations::scripts().len(), "each once: {applied:?}");
}

async fn three_replicas(stage: &Stage, redis: &TestRedis) -> Vec<Replica> {
    let mut replicas = vec![];
    for _ in 0..3 {
        replicas.push(stage.replica(&[("REDIS_URL", redis.url())]).await);
    }
    replicas
}

/// Ends all at once; the provider answers what it holds when no send starts.
async fn end(stage: &Stage, mut replicas: Vec<Replica>) {
    for replica in &mut replicas {
        replica.program.signal(Signal::Terminate).expect("a signal");
    }
    for replica in &replicas {
        replica.program.wait_for_line("stopping: no new sends", LIMIT).await.expect("it stops");
    }
    stage.provider.script(Script::default());
    for mut replica in replicas {
        let status = replica.program.wait_for_exit(LIMIT).await.expect("an end");
        assert!(status.success(), "{}", replica.log());
    }
}

async fn queued(sql: &Client) -> i64 {
    let count = "SELECT count(*) FROM messages WHERE status = 'queued'";
    sql.query_one(count, &[]).await.expect("a count").get(0)
}

/// What the Go service would list, as our list shows it.
fn as_listed(message: &GoMessage, provider_message_id: Option<String>) -> Value {
    let mut entry = serde_json::json!({
        "id": message.id,
        "phone_number": message.phone_number,
        "content": message.content,
        "sent": message.sent,
        "created_at": message.created_at.to_string(),
    });
    if let Some(id) = provider_message_id {
        entry["message_id"] = id.into();
        entry["cached_at"] = "2024-04-01T09:00:00.123456789Z".into();
    }
    entry
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_go_database_is_taken_over_given_back_and_taken_again() {
    let database = TestDatabase::create().await.expect("a database");
    let mut go = go_database(&database).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let listed_by_go = go.list().await.expect("its list");
    assert_eq!(listed_by_go.len(), usize::try_from(SENT).expect("few"));
    go_cache(&redis, &listed_by_go).await;

    migrate_twice(&database).await;
    // So that something is left for the Go service, however fast we are.
    let some = Script::of([Step::times(OURS, Behaviour::Accept)]).then(Behaviour::Hold);
    let provider = MockProvider::start(Config::scripted(some)).await.expect("a provider");
    let sql = database.client().await.expect("a client");
    let stage = Stage { store: Postgres { database, sql }, provider };
    let replicas = three_replicas(&stage, &redis).await;

    // A Go batch that is just ending may still mark its rows. The hold is a
    // minute; an hour gives a slow machine the time to see it.
    let longer = "UPDATE dispatch_control SET throttled_until = throttled_until + interval '1 hour' \
                  WHERE throttled_until > dispatch_now()";
    assert_eq!(stage.sql.execute(longer, &[]).await.expect("an update"), 1, "a hold");
    stage.let_pass(1_000).await;
    assert_eq!(stage.provider.requests().len(), 0, "nothing starts within a minute");
    assert_eq!(queued(&stage.sql).await, UNSENT + 3, "thirty samples are among them");
    check_list(&replicas[0], &listed_by_go).await;
    let hold_is_over = "UPDATE dispatch_control SET throttled_until = NULL";
    stage.sql.batch_execute(hold_is_over).await.expect("an update");

    let ours = usize::try_from(OURS).expect("few");
    stage.provider.wait_for_accepted(ours, LIMIT).await.expect("they are sent");
    end(&stage, replicas).await;
    let ours = stage.provider.ledger().len();
    for _ in 0..5 {
        assert_eq!(go.run_batch().await, 2, "it goes on where we stopped");
    }

    migrate_twice_finds_nothing_to_do(&stage).await;
    let replicas = three_replicas(&stage, &redis).await;
    stage.until_all_are_final().await;
    check_books(&stage, &go, ours).await;
    let (_, list) = replicas[1].get("/api/messages/sent").await;
    let total = SENT + UNSENT + 1;
    assert_eq!(list["total"], total);
    assert_eq!(list["messages"].as_array().map(Vec::len), usize::try_from(total).ok());
    end(&stage, replicas).await;
}

/// Every field of every entry is as the Go service's clients know it.
async fn check_list(replica: &Replica, listed_by_go: &[GoMessage]) {
    let (status, list) = replica.get("/api/messages/sent").await;
    assert_eq!((status, &list["total"]), (200, &Value::from(SENT)));
    let uncached = listed_by_go.len() - usize::try_from(CACHED).expect("few");
    let expected: Vec<Value> = listed_by_go
        .iter()
        .enumerate()
        .map(|(place, message)| {
            as_listed(message, (place >= uncached).then(|| format!("go-{}", message.id)))
        })
        .collect();
    assert_eq!(list["messages"], Value::Array(expected));
}

async fn migrate_twice_finds_nothing_to_do(stage: &Stage) {
    let parts = stage.database.parts();
    let config =
        PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password);
    let again = migrations::migrate(&config, LIMIT).await.expect("it ends well");
    assert!(again.applied.is_empty() && again.adopted.is_none(), "{again:?}");
}

/// Each message went out once, by us or by the Go service, and in order.
async fn check_books(stage: &Stage, go: &GoService, before_go: usize) {
    let rows = "SELECT id, uuid || '-' || key_epoch FROM messages ORDER BY created_at, id";
    let rows = stage.sql.query(rows, &[]).await.expect("rows");
    let places = || rows.iter().enumerate();
    let by_id: HashMap<i64, usize> = places().map(|(place, row)| (row.get(0), place)).collect();
    let by_key: HashMap<String, usize> = places().map(|(place, row)| (row.get(1), place)).collect();
    let ledger = stage.provider.ledger();
    let mut ours =
        ledger.iter().map(|entry| by_key[entry.idempotency_key.as_ref().expect("a key")]);
    let mut order: Vec<usize> = ours.by_ref().take(before_go).collect();
    order.extend(go.sent.iter().map(|id| by_id[id]));
    order.extend(ours);
    assert_eq!(order.len(), usize::try_from(UNSENT + 1).expect("few"), "nothing is left out");
    assert!(order.is_sorted_by(|one, next| one < next), "in queue order, and nothing twice");
    for (status, reason, count) in [
        ("sent", None, SENT + UNSENT + 1 - 10),
        ("sent", Some("marked_by_sql"), 10),
        ("rejected", Some("legacy_null"), 2),
        ("rejected", Some("invalid_phone_number_length"), 1),
        ("rejected", Some("empty_content"), 1),
    ] {
        let sql = "SELECT count(*) FROM messages \
                   WHERE status = $1 AND status_reason IS NOT DISTINCT FROM $2";
        let found: i64 = stage.sql.query_one(sql, &[&status, &reason]).await.unwrap().get(0);
        assert_eq!(found, count, "{status} {reason:?}");
    }
}
