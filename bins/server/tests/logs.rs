//! What the server writes, at its most talkative: nothing personal, nothing
//! secret, one line of JSON for each event and one `batch` line for each batch.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{LIMIT, Replica, Stage};
use dispatcher_testkit::{process::Stream, wait_until};
use serde_json::{Value, json};

const TOKEN: &str = "s3cret-token";
/// In every text of a message here.
const TEXT: &str = "the word is zebra";
/// In every number here; more digits than a time, an id or a port has.
const NUMBER: &str = "5558100";
const SETTINGS: [(&str, &str); 7] = [
    ("LOG_LEVEL", "debug"),
    ("SMS_API_TOKEN", TOKEN),
    ("PROVIDER_NOT_SENT_STATUSES", "429,503"),
    ("RETRY_BASE", "720h"),
    ("RETRY_CAP", "720h"),
    ("BATCH_SIZE", "2"),
    ("PROCESSING_INTERVAL", "1h"),
];

/// Sent, failed, deferred, parked, sent without an id, sent; and two rows that
/// are no valid SMS.
async fn stage() -> Stage {
    let script = Script::of([
        Behaviour::Accept,
        Behaviour::status(422),
        Behaviour::status(503),
        Behaviour::DropAfterAccept,
        Behaviour::Garbage,
        Behaviour::Accept,
    ]);
    let token = Some(TOKEN.to_owned());
    let stage = Stage::set(Config { script, token, ..Config::default() }).await;
    let sql = "INSERT INTO messages (phone_number, content) \
               VALUES ($2, $1), ('5558100000', $1 || repeat('!', 160))";
    stage.sql.execute(sql, &[&TEXT, &NUMBER]).await.expect("bad rows");
    let sql = "INSERT INTO messages (phone_number, content) \
               SELECT '+90' || $2 || lpad(n::text, 3, '0'), $1 || n \
               FROM generate_series(1, 6) AS n ORDER BY n";
    stage.sql.execute(sql, &[&TEXT, &NUMBER]).await.expect("good rows");
    stage
}

async fn statuses(stage: &Stage) -> Vec<String> {
    let sql = "SELECT status FROM messages ORDER BY id";
    let rows = stage.sql.query(sql, &[]).await.expect("the rows");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Waits for the end of this batch; the next one need not wait for its hour. So
/// no batch has more than its two messages, however slow it is.
async fn next_batch(stage: &Stage, replica: &Replica, ended: usize) {
    replica.until_logged(r#""message":"batch""#, ended).await;
    let sql = "UPDATE dispatch_control SET next_tick_at = 'epoch'";
    stage.sql.execute(sql, &[]).await.expect("an update");
}

/// Runs everything once through, the API included, to the end of the server.
async fn run(stage: &Stage) -> Replica {
    let mut replica = stage.replica(&SETTINGS).await;
    for ended in 1..=3 {
        next_batch(stage, &replica, ended).await;
    }
    let expected =
        ["rejected", "rejected", "sent", "failed", "queued", "unconfirmed", "sent", "sent"];
    wait_until("each has its status", LIMIT, async || statuses(stage).await == expected).await;
    let good = json!({"phone_number": "+905558100099", "content": TEXT});
    let bad = json!({"phone_number": NUMBER, "content": TEXT.repeat(20), TEXT: NUMBER});
    assert_eq!(replica.post("/api/messages", &good).await.0, 201);
    assert_eq!(replica.post("/api/messages", &bad).await.0, 422);
    assert_eq!(replica.get("/api/messages/3").await.0, 200);
    assert_eq!(replica.get("/api/messages/sent").await.0, 200);
    assert_eq!(replica.get(&format!("/api/messages/{NUMBER}")).await.0, 404);
    wait_until("all is done", LIMIT, async || stage.count("sent").await == 4).await;
    assert!(replica.terminate().await.success());
    replica
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_number_no_text_and_no_secret_is_logged_and_each_line_is_json() {
    let stage = stage().await;
    let replica = run(&stage).await;
    let out = replica.program.lines(Stream::Out);
    assert_eq!(out, [""; 0], "a log is on standard error");
    let lines = replica.program.lines(Stream::Err);
    let password = stage.database.parts().password.as_str();
    for line in &lines {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        for field in ["timestamp", "level", "target", "message"] {
            assert!(event[field].is_string(), "no {field}: {line}");
        }
        for private in [TEXT, "zebra", NUMBER, TOKEN, password] {
            assert!(!line.contains(private), "{private} is in {line}");
        }
    }
    let debug = lines.iter().filter(|line| line.contains("\"DEBUG\"")).count();
    assert!(debug > 0, "nothing was logged at that level, so this showed nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_batch_has_one_line_that_adds_up() {
    let stage = stage().await;
    let replica = run(&stage).await;
    let lines = replica.program.lines(Stream::Err);
    let events = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let batches: Vec<Value> = events.filter(|event| event["message"] == "batch").collect();
    let numbers = |name: &str| -> Vec<u64> {
        batches.iter().map(|batch| batch[name].as_u64().expect("a number")).collect()
    };
    let total = |name: &str| numbers(name).iter().sum::<u64>();
    // Two and two and two, and the one that came by the API.
    assert_eq!(numbers("started"), [2, 2, 2, 1]);
    assert_eq!(numbers("rejected"), [2, 0, 0, 0]);
    assert_eq!(numbers("sent"), [1, 0, 2, 1]);
    assert_eq!((total("failed"), total("deferred"), total("unconfirmed")), (1, 1, 1));
    assert_eq!((total("released"), total("fenced"), total("unrecorded")), (0, 0, 0));
    let reasons = lines.iter().filter(|line| line.contains("row is no valid SMS")).count();
    assert_eq!(reasons, 2, "one line for each row that was rejected");
}
