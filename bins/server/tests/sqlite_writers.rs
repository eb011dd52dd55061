//! Programs beside the server that write to its file: what they insert is sent,
//! and one that keeps the file for itself makes the server wait, and costs
//! nothing.

use dispatcher_mock_provider::{Behaviour, Config, Script, Step};
use dispatcher_stage::{LIMIT, file::FileStage, oracle::Books, store::connect};
use dispatcher_testkit::{TestRedis, wait_until};
use serde_json::json;
use std::{fs, path::Path, process::Command, thread};

const INSERT: &str = "INSERT INTO messages (phone_number, content) VALUES";

/// So many messages, a transaction for each, as a cron job might write them.
fn write(path: &Path, writer: i32, count: i32) {
    let sql = connect(path);
    for n in 0..count {
        let row = format!("{INSERT} ('+90555{writer:02}{n:05}', 'writer {writer}, message {n}')");
        sql.execute(&row, []).expect("an insert");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_programs_insert_while_messages_are_sent_is_sent_once() {
    let stage = FileStage::with(Config::default()).await;
    stage.insert(1, 50).await;
    let mut replica = stage.replica(&[("ORDERING", "none"), ("MAX_IN_FLIGHT", "4")]).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    thread::scope(|scope| {
        for writer in 0..3 {
            let path = stage.path();
            scope.spawn(move || write(&path, writer, 50));
        }
    });
    let api = json!({"phone_number": "+905551234567", "content": "by the API"});
    assert_eq!(replica.post("/api/messages", &api).await.0, 201);
    stage.until_sent(201).await;
    assert!(replica.terminate().await.success());
    let books = Books::of(&stage).await;
    books.balance(201);
    assert_eq!(books.arrivals.len(), 201);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_by_the_sqlite3_shell_is_sent() {
    let stage = FileStage::with(Config::default()).await;
    let _replica = stage.replica(&[]).await;
    // As docs/first-hour.md says it.
    let page = include_str!("../../../docs/first-hour.md");
    let (_, typed) = page.split_once("\nsqlite3 ").expect("a command");
    let (typed, _) = typed.split_once("\ncurl ").expect("what follows it");
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("sqlite3 {typed}")]).current_dir(stage.directory());
    let done = shell.output().expect("a shell");
    assert!(done.status.success(), "{done:?}");
    stage.until_sent(1).await;
    assert_eq!(stage.provider.ledger()[0].content, "Hello");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_program_keeps_the_file_no_send_starts_and_then_all_goes_on() {
    let stage = FileStage::held().await;
    stage.insert(1, 3).await;
    let replica = stage.replica(&[("DB_TIMEOUT", "500ms")]).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    stage.sql.execute_batch("BEGIN IMMEDIATE").expect("all others wait");
    stage.answer();
    replica.program.wait_for_line("is not recorded yet", LIMIT).await.expect("it cannot");
    let line = "is locked by another program that writes to it";
    replica.until_store_is("unhealthy").await;
    assert_eq!(replica.get("/health").await.0, 503);
    assert_eq!(replica.text("/readyz").await, (503, "database_down".into()));
    let api = json!({"phone_number": "+905551234567", "content": "by the API"});
    let (status, problem) = replica.post("/api/messages", &api).await;
    assert_eq!((status, &problem["code"]), (503, &json!("store_unavailable")));
    assert_eq!(stage.provider.requests().len(), 1, "no send without a record");
    stage.sql.execute_batch("COMMIT").expect("the others go on");
    stage.until_sent(3).await;
    replica.until_store_is("healthy").await;
    assert!(replica.log().contains(line), "{}", replica.log());
    let posts = stage.provider.requests().len();
    assert_eq!((posts, stage.count("unconfirmed").await), (3, 0), "each was POSTed once");
}

/// Nobody can record how a send ended but the delivery cache, and then the
/// server is killed: the receipt tells the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_receipt_and_completion_costs_no_second_post() {
    let redis = TestRedis::start().await.expect("a Redis");
    let stage = FileStage::held().await;
    stage.insert(1, 1).await;
    let settings = [("REDIS_URL", redis.url()), ("RESCUE_GRACE", "0s")];
    let replica = stage.replica(&settings).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    stage.sql.execute_batch("BEGIN IMMEDIATE").expect("all others wait");
    stage.answer();
    let accepted = stage.provider.wait_for_accepted(1, LIMIT).await.expect("it is sent");
    let receipt = format!("receipt:{}", accepted[0].idempotency_key.as_ref().expect("a key"));
    wait_until("the receipt is written", LIMIT, async || {
        redis.command(&["EXISTS", &receipt]).await.expect("an answer") == "1"
    })
    .await;
    replica.kill().await;
    stage.sql.execute_batch("ROLLBACK").expect("the others go on");
    stage.end_every_lease().await;
    let _next = stage.replica(&settings).await;
    let sent = ("sent".to_owned(), Some("receipt".to_owned()));
    wait_until("it is sent", LIMIT, async || stage.status(1).await == sent).await;
    assert_eq!(stage.provider.requests().len(), 1);
}

/// How an operator copies a file in use, and what becomes of the copy: with a
/// provider that honours keys, each message is accepted once by both together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_messages_are_sent_goes_on_where_it_was_made() {
    // Ten are answered, and four are in flight while the copy is made.
    let script = Script::of([Step::times(10, Behaviour::Accept)]).then(Behaviour::Hold);
    let mut stage = FileStage::with(Config::scripted(script)).await;
    stage.insert(1, 60).await;
    let settings = [
        ("PROVIDER_IDEMPOTENT", "true"),
        ("ORDERING", "none"),
        ("MAX_IN_FLIGHT", "4"),
        ("RESCUE_GRACE", "0s"),
        ("RETRY_BASE", "100ms"),
        ("RETRY_CAP", "100ms"),
    ];
    let replica = stage.replica(&settings).await;
    stage.provider.wait_for_accepted(14, LIMIT).await.expect("sends");
    let copy = stage.directory().join("copy.db");
    stage.sql.execute("VACUUM INTO ?1", [copy.to_str()]).expect("a copy");
    stage.answer();
    stage.provider.wait_for_accepted(25, LIMIT).await.expect("more sends");
    stage.store.close();
    replica.kill().await;
    // The file is lost, and the copy takes its place. What the killed one left
    // in the log would spoil it.
    stage.store.remove_log();
    fs::rename(copy, stage.path()).expect("in its place");
    stage.store.reopen();
    let in_flight = (stage.count("sending").await, stage.count("queued").await);
    assert_eq!(in_flight, (4, 46));
    stage.end_every_lease().await;
    let _next = stage.replica(&settings).await;
    stage.until_sent(60).await;
    let (posts, accepted) = (stage.provider.requests().len(), stage.provider.ledger().len());
    assert_eq!(accepted, 60, "each once");
    assert!(posts > 60, "what was sent after the copy was repeated under its key");
}
