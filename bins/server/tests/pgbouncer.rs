//! Behind PgBouncer in transaction mode, where a session is ours for one
//! transaction only: all promises hold, and all of the API works.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{LIMIT, Replica, environment, oracle::Books, pooled::PooledStage, spawn};
use dispatcher_testkit::{postgres::PostgresParts, process::Stream, wait_until};
use serde_json::{Value, json};
use std::time::Duration;

const PERIOD: Duration = Duration::from_millis(200);

fn slow() -> Config {
    Config { latency: Duration::from_millis(10), ..Config::default() }
}

/// The books, once all `stored` messages are sent: each once, at the first POST.
async fn all_are_sent_once(stage: &PooledStage, stored: usize) -> Books {
    stage.stage.until_all_are_final().await;
    let books = Books::of(&stage.stage).await;
    books.balance(stored);
    assert!(books.unconfirmed().is_empty(), "{:?}", books.unconfirmed());
    assert_eq!(books.arrivals.len(), stored, "POSTs");
    books
}

async fn enqueue(replica: &Replica, n: i32) -> Value {
    let message = json!({"phone_number": "+905551234567", "content": format!("by the API {n}")});
    let (code, stored) = replica.post("/api/messages", &message).await;
    assert_eq!(code, 201, "{stored}");
    stored
}

async fn until_health_is(replica: &Replica, code: u16) {
    let what = format!("/health is {code}");
    wait_until(&what, LIMIT, async || replica.get("/health").await.0 == code).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_keep_order_pace_and_every_stop() {
    let stage = PooledStage::set(slow()).await;
    stage.stage.insert(1, 6).await;
    let settings = [("BATCH_SIZE", "2"), ("PROCESSING_INTERVAL", "200ms")];
    let mut fleet = stage.fleet(3, &settings).await;
    stage.stage.provider.wait_for_requests(3, LIMIT).await.expect("sends go on");
    assert_eq!(fleet.at(0).messaging("stop").await, Some(0), "it waits for what is in flight");
    for n in 0..6 {
        enqueue(fleet.at(1), n).await;
    }
    let before = stage.stage.provider.requests().len();
    fleet.restart(2).await;
    stage.stage.let_pass(600).await;
    assert_eq!(stage.stage.provider.requests().len(), before, "a stop outlasts a restart");
    fleet.at(2).messaging("start").await;
    let books = all_are_sent_once(&stage, 12).await;
    fleet.end().await;
    books.accepted_in_queue_order();
    books.starts_keep_pace(2, PERIOD);
    books.arrivals_keep_pace(2, PERIOD);
}

/// START holds a shared lock there, and stop takes it exclusively.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_paced_is_sent_once_and_stops_as_well() {
    let stage = PooledStage::set(slow()).await;
    stage.stage.insert(1, 120).await;
    let fleet = stage.fleet(2, &[("ORDERING", "none"), ("MAX_IN_FLIGHT", "4")]).await;
    stage.stage.provider.wait_for_requests(20, LIMIT).await.expect("sends go on");
    assert_eq!(fleet.at(0).messaging("stop").await, Some(0), "it waits for what is in flight");
    let before = stage.stage.provider.requests().len();
    stage.stage.let_pass(400).await;
    assert_eq!(stage.stage.provider.requests().len(), before, "a stop is a stop");
    assert!(before < 120, "all was sent before, so this showed nothing");
    fleet.at(1).messaging("start").await;
    all_are_sent_once(&stage, 120).await;
    fleet.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_api_works() {
    let script = Script::of([Behaviour::status(422), Behaviour::Accept]);
    let stage = PooledStage::set(Config { script, ..Config::default() }).await;
    let (one, two) = (stage.replica(&[]).await, stage.replica(&[]).await);
    assert_eq!(enqueue(&one, 1).await["id"], 1);
    wait_until("it is refused", LIMIT, async || stage.stage.count("failed").await == 1).await;
    let (code, told) = two.post("/api/messages/1/requeue", &json!({})).await;
    assert_eq!((code, &told["was"]), (200, &json!("failed")));
    wait_until("it is sent", LIMIT, async || stage.stage.count("sent").await == 1).await;

    one.messaging("stop").await;
    enqueue(&two, 2).await;
    let (code, told) = one.post("/api/messages/2/cancel", &json!({})).await;
    assert_eq!((code, &told["status"]), (200, &json!("canceled")));
    // Several times, over any of the sessions.
    for replica in [&one, &two, &one, &two] {
        let (code, message) = replica.get("/api/messages/1").await;
        assert_eq!((code, message["attempts"].as_array().map(Vec::len)), (200, Some(2)));
        assert_eq!(replica.get("/api/messages/sent").await.1["total"], 1);
        let (code, list) = replica.get("/api/messages?status=canceled").await;
        assert_eq!((code, &list["messages"][0]["id"]), (200, &json!(2)), "{list}");
        let (code, health) = replica.get("/health").await;
        assert_eq!((code, &health["dependencies"]["database"]), (200, &json!("healthy")));
        assert_eq!(health["processing_status"], "stopped");
        let (code, metrics) = replica.text("/metrics").await;
        assert_eq!(code, 200);
        assert!(metrics.contains("queue"), "{metrics}");
    }
    for log in [one.log(), two.log()] {
        assert!(!log.contains("the message store"), "nothing failed on the way:\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_is_killed_in_the_middle_of_sends_costs_nothing() {
    const COUNT: i32 = 100;
    let stage = PooledStage::set(slow()).await;
    stage.stage.insert(1, COUNT).await;
    let fleet = stage.fleet(2, &[("ORDERING", "none"), ("MAX_RATE", "40")]).await;
    for kill in 1..=3 {
        stage.stage.provider.wait_for_requests(kill * 20, LIMIT).await.expect("sends go on");
        stage.pooler.kill().await.expect("it is killed");
        stage.pooler.start_again().await.expect("it starts again");
    }
    assert!(stage.stage.provider.requests().len() < 100, "too late, so this showed nothing");
    all_are_sent_once(&stage, 100).await;
    until_health_is(fleet.at(0), 200).await;
    fleet.end().await;
}

/// A paused pooler keeps its clients waiting and says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_of_the_pooler_ends_calls_at_their_deadline_and_loses_nothing() {
    let stage = PooledStage::set(slow()).await;
    stage.stage.insert(1, 100).await;
    let replica = stage.replica(&[("DB_TIMEOUT", "500ms"), ("MAX_RATE", "50")]).await;
    stage.stage.provider.wait_for_requests(10, LIMIT).await.expect("sends go on");
    stage.pooler.command("PAUSE").await.expect("a pause");
    until_health_is(&replica, 503).await;
    let before = stage.stage.provider.requests().len();
    assert!(before < 100, "all was sent before, so this showed nothing");
    stage.pooler.command("RESUME").await.expect("it goes on");
    all_are_sent_once(&stage, 100).await.accepted_in_queue_order();
    until_health_is(&replica, 200).await;
}

/// Somebody holds the control row. A statement that we have given up ends on the
/// server too: the pooler opens another session at once, and they would pile up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_wait_too_long_end_on_the_server_and_others_go_on() {
    let stage = PooledStage::set(Config::default()).await;
    let hasty = stage.replica(&[("DB_TIMEOUT", "400ms")]).await;
    let patient = stage.replica(&[("DB_TIMEOUT", "30s")]).await;
    let mut other = stage.stage.database.client().await.expect("a client");
    let hold = other.transaction().await.expect("a transaction");
    hold.execute("SELECT FROM dispatch_control FOR UPDATE", &[]).await.expect("the row");
    stage.stage.insert(1, 5).await;
    // Of a START, or of the policy that a replica writes before its first one.
    wait_until("a statement has waited in vain", LIMIT, async || {
        hasty.log().contains("the message store")
    })
    .await;
    // What does not need that row still gets a connection.
    for n in 0..5 {
        enqueue(&patient, n).await;
    }
    // Five more in vain, or so.
    stage.stage.let_pass(2500).await;
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    wait_until("no more wait than the pooler has connections", LIMIT, async || {
        stage.stage.sql.query_one(waiting, &[]).await.expect("a count").get::<_, i64>(0) <= 2
    })
    .await;
    assert_eq!(stage.stage.provider.requests(), []);
    hold.rollback().await.expect("the end");
    all_are_sent_once(&stage, 10).await.accepted_in_queue_order();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_ends_the_start_as_it_does_without_a_pooler() {
    let stage = PooledStage::set(Config::default()).await;
    let wrong =
        PostgresParts { password: "wrong-hush-hush".into(), ..stage.pooler.parts().clone() };
    let mut program = spawn(environment(&wrong, &stage.stage.provider.send_url()), &[]);
    let status = program.wait_for_exit(LIMIT).await.expect("an end");
    let told = program.lines(Stream::Err).join("\n");
    assert_eq!(status.code(), Some(69), "{told}");
    assert!(told.contains("authentication failed") && !told.contains("hush-hush"), "{told}");
}
