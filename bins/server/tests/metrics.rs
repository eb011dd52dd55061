//! What monitoring sees: the figures of `/metrics` are those of the database
//! and the provider, and the probes tell what they should.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{LIMIT, Replica, Stage, private::PrivateStage};
use dispatcher_testkit::{TestRedis, exposition::Exposition, process::Signal, wait_until};
use serde_json::json;

/// Sent four times, failed twice, deferred, parked.
fn script() -> Script {
    Script::of([
        Behaviour::Accept,
        Behaviour::status(422),
        Behaviour::Accept,
        Behaviour::status(503),
        Behaviour::Accept,
        Behaviour::status(400),
        Behaviour::DropAfterAccept,
        Behaviour::Accept,
    ])
}

/// What is deferred stays so.
const SETTINGS: [(&str, &str); 3] =
    [("PROVIDER_NOT_SENT_STATUSES", "429,503"), ("RETRY_BASE", "720h"), ("RETRY_CAP", "720h")];

/// Longer than `/metrics` keeps what the stores said.
const FRESH: i32 = 3100;

/// A store that takes more than a second is left out.
fn stores_answered(read: &Exposition) -> bool {
    let up = |dependency| value(read, "dependency_up", &[("dependency", dependency)]) == Some(1.0);
    up("database") && up("redis") && value(read, "queue_due_messages", &[]).is_some()
}

fn value(read: &Exposition, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    read.value(&format!("message_dispatcher_{name}"), labels)
}

async fn number(stage: &Stage, sql: &str) -> f64 {
    let sql = format!("SELECT ({sql})::float8");
    stage.sql.query_one(&sql, &[]).await.expect("a number").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_are_those_of_the_database_and_the_provider() {
    let redis = TestRedis::start().await.expect("a Redis");
    let stage = Stage::set(Config::scripted(script())).await;
    let bad = "INSERT INTO messages (phone_number, content) VALUES ('12', 'no number')";
    stage.sql.execute(bad, &[]).await.expect("a bad row");
    stage.insert(1, 8).await;
    let mut settings = SETTINGS.to_vec();
    settings.push(("REDIS_URL", redis.url()));
    let replica = stage.replica(&settings).await;
    wait_until("all were tried", LIMIT, async || {
        number(&stage, "SELECT count(*) FROM attempts WHERE finished_at IS NOT NULL").await == 8.0
    })
    .await;
    // What the last send told the replica may be some moments behind the row,
    // and the receipts go their own way.
    replica
        .until_metrics("all are counted", |read| {
            read.sum("message_dispatcher_messages_processed_total") == 8.0
                && value(read, "receipt_writes_total", &[("result", "written")]) == Some(4.0)
        })
        .await;
    assert_eq!(replica.get("/api/messages/sent").await.1["total"], 4);
    stage.let_pass(FRESH).await;
    let read = replica.until_metrics("the stores answer in time", stores_answered).await;
    for outcome in ["accepted", "not_sent", "rate_limited", "refused", "misconfigured", "unknown"] {
        let sql = format!("SELECT count(*) FROM attempts WHERE outcome = '{outcome}'");
        let recorded = number(&stage, &sql).await;
        let counted = value(&read, "sends_total", &[("outcome", outcome)]);
        assert_eq!(counted, Some(recorded), "{outcome}");
    }
    assert_eq!(value(&read, "send_duration_seconds_count", &[]), Some(8.0));
    assert_eq!(stage.provider.requests().len(), 8);
    for status in ["queued", "sending", "unconfirmed", "failed", "rejected"] {
        let sql = format!("SELECT count(*) FROM messages WHERE status = '{status}'");
        let stored = number(&stage, &sql).await;
        let told = value(&read, "queue_messages", &[("status", status)]);
        assert_eq!(told, Some(stored), "{status}");
    }
    for (result, count) in [("sent", 4.0), ("failed", 2.0), ("deferred", 1.0), ("unconfirmed", 1.0)]
    {
        let told = value(&read, "messages_processed_total", &[("result", result)]);
        assert_eq!(told, Some(count), "{result}");
    }
    assert_eq!(value(&read, "messages_rejected_total", &[]), Some(1.0));
    assert_eq!(value(&read, "queue_due_messages", &[]), Some(0.0), "one waits for its backoff");
    let claims = [("result", "started")];
    assert_eq!(value(&read, "claim_duration_seconds_count", &claims), Some(8.0));
    assert_eq!(value(&read, "receipt_writes_total", &[("result", "written")]), Some(4.0));
    assert_eq!(value(&read, "cache_lookups_total", &[("result", "hit")]), Some(4.0));
    for dependency in ["database", "redis"] {
        assert_eq!(value(&read, "dependency_up", &[("dependency", dependency)]), Some(1.0));
        let open = |state| {
            value(&read, "pool_connections", &[("pool", dependency), ("state", state)]).unwrap()
        };
        assert!(open("idle") + open("in_use") > 0.0, "{dependency}");
    }
    let closed = value(&read, "circuit_breaker_state", &[("state", "closed")]);
    assert_eq!(closed, Some(1.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_breaker_a_backlog_and_a_stop_are_seen() {
    let stage = Stage::set(Config::scripted(Script::always(Behaviour::status(401)))).await;
    stage.insert(1, 3).await;
    let sql = "UPDATE messages SET created_at = created_at - interval '90 seconds' WHERE id = 2";
    stage.sql.execute(sql, &[]).await.expect("an update");
    let replica = stage.replica(&[]).await;
    let read = replica.until_metrics("the breaker is seen open, and the queue", |read| {
        value(read, "circuit_breaker_state", &[("state", "open")]) == Some(1.0)
            && value(read, "circuit_breaker_transitions_total", &[("to", "open")]) > Some(0.0)
            && value(read, "queue_due_messages", &[]).is_some()
    });
    let read = read.await;
    let transitions = |to| value(&read, "circuit_breaker_transitions_total", &[("to", to)]);
    assert_eq!((transitions("open"), transitions("closed")), (Some(1.0), Some(0.0)));
    assert_eq!(value(&read, "queue_due_messages", &[]), Some(3.0));
    let age = value(&read, "queue_oldest_due_age_seconds", &[]).expect("an age");
    assert!((90.0..3600.0).contains(&age), "{age}");
    assert_eq!(value(&read, "processing_enabled", &[]), Some(1.0));
    replica.messaging("stop").await;
    wait_until("the stop is seen", LIMIT, async || {
        value(&replica.metrics().await, "processing_enabled", &[]) == Some(0.0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_a_replica_is_alive_not_ready_and_still_counts() {
    let stage = PrivateStage::migrated(Config::default()).await;
    stage.insert(3).await;
    let replica = stage.replica(&[]).await;
    stage.all_are_sent_once(3).await;
    until_ready(&replica).await;
    stage.stop().await;
    wait_until("it is not ready", LIMIT, async || {
        replica.text("/readyz").await == (503, "database_down".into())
    })
    .await;
    assert_eq!(replica.text("/livez").await, (200, "ok".into()));
    let database = [("dependency", "database")];
    wait_until("the metrics know", LIMIT, async || {
        value(&replica.metrics().await, "dependency_up", &database) == Some(0.0)
    })
    .await;
    let read = replica.metrics().await;
    assert_eq!(value(&read, "sends_total", &[("outcome", "accepted")]), Some(3.0));
    assert_eq!(value(&read, "queue_messages", &[("status", "queued")]), None, "nobody knows");
    wait_until("failed claims are counted", LIMIT, async || {
        let failed = [("result", "failed")];
        value(&replica.metrics().await, "claim_duration_seconds_count", &failed) > Some(0.0)
    })
    .await;
    stage.start_again().await;
    until_ready(&replica).await;
    wait_until("the metrics know that it is back", LIMIT, async || {
        value(&replica.metrics().await, "dependency_up", &database) == Some(1.0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_ends_its_last_send_is_not_ready_but_answers() {
    let stage = Stage::set(Config::scripted(Script::always(Behaviour::Hold))).await;
    let mut replica = stage.replica(&[]).await;
    until_ready(&replica).await;
    stage.insert(1, 1).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    replica.program.signal(Signal::Terminate).expect("a signal");
    replica.program.wait_for_line("stopping: no new sends", LIMIT).await.expect("it stops");
    assert_eq!(replica.text("/readyz").await, (503, "draining".into()));
    let message = json!({"phone_number": "+905551234567", "content": "Hello"});
    assert_eq!(replica.post("/api/messages", &message).await.0, 201, "nobody is turned away");
    stage.provider.script(Script::default());
    assert_eq!(replica.program.wait_for_exit(LIMIT).await.expect("an end").code(), Some(0));
    assert_eq!((stage.count("sent").await, stage.count("queued").await), (1, 1));
}

async fn until_ready(replica: &Replica) {
    wait_until("it is ready", LIMIT, async || {
        replica.text("/readyz").await == (200, "ready".into())
    })
    .await;
}
