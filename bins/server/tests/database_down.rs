//! The database crashes and comes back: no POST starts without it, and what was
//! stored is sent once, without anybody's help.

use dispatcher_mock_provider::{Behaviour, Config, Script, Step};
use dispatcher_stage::{LIMIT, Replica, private::PrivateStage, spawn};
use dispatcher_testkit::wait_until;
use serde_json::{Value, json};
use std::time::Duration;

const COUNT: i32 = 100;
const STORED: usize = 100;

/// Answers so many, and holds the next ones: however long a test takes to stop
/// the database, not everything is sent before.
fn some(count: u32) -> Script {
    Script::of([Step::times(count, Behaviour::Accept)]).then(Behaviour::Hold)
}

fn slow(script: Script) -> Config {
    Config { latency: Duration::from_millis(10), script, ..Config::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_send_starts_while_the_database_is_down_and_all_go_on_when_it_is_back() {
    let stage = PrivateStage::migrated(slow(some(50))).await;
    stage.insert(COUNT).await;
    let replica = stage.replica(&[]).await;
    stage.provider.wait_for_requests(10, LIMIT).await.expect("sends go on");
    stage.stop().await;
    stage.provider.script(Script::default());
    until_unhealthy(&replica).await;
    until_noticed(&replica).await;
    let before = stage.provider.requests().len();
    let another = stage.provider.wait_for_requests(before + 1, Duration::from_secs(2)).await;
    assert!(another.is_err(), "a send started without the database");
    assert_eq!(replica.get("/health").await.0, 503);
    assert!(before < STORED, "all was sent before, so this showed nothing");
    stage.start_again().await;
    stage.all_are_sent_once(STORED).await.accepted_in_queue_order();
    until_healthy(&replica).await;
    wait_until("it says that the database is back", LIMIT, async || {
        replica.log().contains("the message store is back") || in_flight(&replica)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_crashes_in_a_row_lose_nothing_and_send_nothing_twice() {
    let stage = PrivateStage::migrated(slow(some(12))).await;
    stage.insert(COUNT).await;
    let settings = [("ORDERING", "none"), ("MAX_IN_FLIGHT", "2")];
    let replica = stage.replica(&settings).await;
    for crash in 1..=5 {
        stage.provider.wait_for_requests(crash * 12, LIMIT).await.expect("sends go on");
        stage.stop().await;
        stage.provider.script(some(12));
        stage.start_again().await;
    }
    assert!(
        stage.provider.requests().len() < STORED,
        "all was sent before, so this showed nothing"
    );
    stage.provider.script(Script::default());
    stage.all_are_sent_once(STORED).await;
    until_healthy(&replica).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_before_its_database_works_once_that_is_up() {
    let stage = PrivateStage::migrated(Config::default()).await;
    stage.insert(3).await;
    stage.stop().await;
    let replica = stage.replica(&[]).await;
    let line = "the message store is down: no send starts until it is back";
    replica.program.wait_for_line(line, LIMIT).await.expect("it says so");
    until_unhealthy(&replica).await;
    let message = json!({"phone_number": "+905551234567", "content": "Hello"});
    let (status, problem) = replica.post("/api/messages", &message).await;
    assert_eq!((status, &problem["code"]), (503, &json!("store_unavailable")));
    let (status, error) = replica.get("/api/messages/sent").await;
    assert_eq!((status, &error["error"]), (503, &json!("Service unavailable")));
    stage.start_again().await;
    stage.all_are_sent_once(3).await;
    until_healthy(&replica).await;
    replica.until_logged("the message store is back", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_up_without_tables_ends_the_server_with_advice() {
    let stage = PrivateStage::bare(Config::default()).await;
    stage.stop().await;
    let mut program = spawn(stage.environment(), &[]);
    program.wait_for_line("\"listening\"", LIMIT).await.expect("it listens");
    stage.start_again().await;
    let advice = "message-dispatcher-server: the database is not migrated: \
                  run message-dispatcher-migrate";
    program.wait_for_line(advice, LIMIT).await.expect("advice");
    assert_eq!(program.wait_for_exit(LIMIT).await.expect("an end").code(), Some(69));
}

async fn until_unhealthy(replica: &Replica) {
    wait_until("/health is 503", LIMIT, async || {
        let (status, health) = replica.get("/health").await;
        status == 503 && dependency(&health) == "unhealthy" && health["status"] == "degraded"
    })
    .await;
}

async fn until_healthy(replica: &Replica) {
    wait_until("/health is 200", LIMIT, async || {
        let (status, health) = replica.get("/health").await;
        status == 200 && dependency(&health) == "healthy"
    })
    .await;
}

fn dependency(health: &Value) -> &Value {
    &health["dependencies"]["database"]
}

/// Until the replica has met the dead database: what it had in flight has
/// arrived at the provider by then.
async fn until_noticed(replica: &Replica) {
    wait_until("the replica notices", LIMIT, async || {
        in_flight(replica) || replica.log().contains("the message store fails")
    })
    .await;
}

/// Whether the crash met a send whose outcome was still to be recorded.
fn in_flight(replica: &Replica) -> bool {
    replica.log().contains("the outcome of a send is not recorded yet")
}
