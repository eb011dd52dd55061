//! What a client of the Go service sees: every answer of its routes to the
//! byte, with its names, types, order and content types.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Replica, Stage, http_client, over_both_stores, private::PrivateStage, store::Store,
};
use dispatcher_testkit::{TestRedis, wait_until};

const JSON: &str = "application/json";

/// An answer, undigested.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    content_type: String,
    body: String,
}

fn answer(status: u16, body: impl Into<String>) -> Answer {
    Answer { status, content_type: JSON.to_owned(), body: body.into() }
}

async fn ask(replica: &Replica, method: &str, path: &str) -> Answer {
    let method = method.parse().expect("a method");
    let request = http_client().request(method, format!("{}{path}", replica.base));
    let answer = request.send().await.expect("an answer");
    let content_type = answer.headers().get("content-type").expect("a content type");
    Answer {
        status: answer.status().as_u16(),
        content_type: content_type.to_str().expect("text").to_owned(),
        body: answer.text().await.expect("a body"),
    }
}

over_both_stores!(
    start_and_stop,
    wrong_pages_are_told_in_the_two_fields_of_every_error,
    other_methods_and_addresses,
);

async fn start_and_stop<S: Store>() {
    let stage = Stage::<S>::with(Config::default()).await;
    let replica = stage.replica(&[]).await;
    let turns = [
        ("start", "running", "Message processing is already running"),
        ("stop", "stopped", "Message processing stopped successfully"),
        ("stop", "stopped", "Message processing is not running"),
        ("start", "started", "Message processing started successfully"),
        ("start", "running", "Message processing is already running"),
    ];
    for (verb, status, message) in turns {
        let told = ask(&replica, "POST", &format!("/api/messaging/{verb}")).await;
        assert_eq!(told, answer(200, format!(r#"{{"status":"{status}","message":"{message}"}}"#)));
    }
}

/// Rows as the Go service leaves them, and an entry of its cache for the last.
async fn adopted(stage: &Stage, redis: &TestRedis) {
    let sql = r#"
        INSERT INTO messages (id, phone_number, content, sent, created_at) VALUES
            (7, '+905551234501', 'Hello', TRUE, '2025-10-02 10:00:00Z'),
            (3, '5551234502', '', TRUE, '2025-10-02 10:00:00.5Z'),
            (5, '+90 555 123 45 03', E'tab\t "quotes" <b>&</b> çiğ 😀', TRUE,
                '2025-10-02 10:00:00.5Z'),
            (9, '+905551234504', 'not yet', FALSE, '2025-10-01 10:00:00Z'),
            (8, '+905551234505', 'cached', TRUE, '2025-10-02 13:00:00.123456+03');"#;
    stage.sql.batch_execute(sql).await.expect("the rows");
    let go = r#"{"message_id":"go-8","timestamp":"2025-10-02T13:00:02.123456789+03:00"}"#;
    redis.command(&["SET", "delivery:8", go, "EX", "86400"]).await.expect("an entry");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_sent_messages() {
    let (stage, redis) =
        (Stage::set(Config::default()).await, TestRedis::start().await.expect("a Redis"));
    let replica = stage.replica(&[("REDIS_URL", redis.url())]).await;
    ask(&replica, "POST", "/api/messaging/stop").await;
    let list = "/api/messages/sent";
    assert_eq!(ask(&replica, "GET", list).await, answer(200, r#"{"messages":[],"total":0}"#));

    adopted(&stage, &redis).await;
    let entries = [
        r#"{"id":7,"phone_number":"+905551234501","content":"Hello","sent":true,"created_at":"2025-10-02T10:00:00Z"}"#,
        r#"{"id":8,"phone_number":"+905551234505","content":"cached","sent":true,"created_at":"2025-10-02T10:00:00.123456Z","message_id":"go-8","cached_at":"2025-10-02T10:00:02.123456789Z"}"#,
        r#"{"id":3,"phone_number":"5551234502","content":"","sent":true,"created_at":"2025-10-02T10:00:00.5Z"}"#,
        r#"{"id":5,"phone_number":"+90 555 123 45 03","content":"tab\t \"quotes\" <b>&</b> çiğ 😀","sent":true,"created_at":"2025-10-02T10:00:00.5Z"}"#,
    ];
    let whole = answer(200, format!(r#"{{"messages":[{}],"total":4}}"#, entries.join(",")));
    assert_eq!(ask(&replica, "GET", list).await, whole, "oldest first, then by id");
    // Whatever an old client appends against caches.
    assert_eq!(ask(&replica, "GET", &format!("{list}?_=1759400000")).await, whole);

    // In pages: the same entries, the same total, and where to go on.
    let page = ask(&replica, "GET", &format!("{list}?limit=3")).await;
    let begin = format!(r#"{{"messages":[{}],"total":4,"next_cursor":""#, entries[..3].join(","));
    let cursor = page.body.strip_prefix(&begin).and_then(|rest| rest.strip_suffix(r#""}"#));
    let cursor = cursor.unwrap_or_else(|| panic!("{page:?}"));
    let rest = ask(&replica, "GET", &format!("{list}?limit=3&cursor={cursor}")).await;
    assert_eq!(rest, answer(200, format!(r#"{{"messages":[{}],"total":4}}"#, entries[3])));
}

async fn wrong_pages_are_told_in_the_two_fields_of_every_error<S: Store>() {
    let stage = Stage::<S>::with(Config::default()).await;
    let replica = stage.replica(&[]).await;
    let limit = "limit must be a number from 1 to 1000";
    let cursor = "cursor must be a next_cursor of an earlier answer";
    let queries = [
        ("limit=0", limit),
        ("limit=1001", limit),
        ("limit=-1", limit),
        ("limit=abc", limit),
        ("limit=", limit),
        ("cursor=", cursor),
        ("cursor=djI6MTIz", cursor),
        ("cursor=1_2_3", cursor),
        ("limit=10&cursor=x", cursor),
        ("limit=1&limit=2", "limit and cursor may each be given once"),
    ];
    for (query, message) in queries {
        let told = ask(&replica, "GET", &format!("/api/messages/sent?{query}")).await;
        let body = format!(r#"{{"error":"Bad request","message":"{message}"}}"#);
        assert_eq!(told, answer(400, body), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_in_its_four_states_the_version_and_errors_without_a_database() {
    let redis = TestRedis::start().await.expect("a Redis");
    let stage = PrivateStage::migrated(Config::default()).await;
    let replica = stage.replica(&[("REDIS_URL", redis.url())]).await;
    let version = ask(&replica, "GET", "/version").await;
    let fields: Vec<&str> = version.body.split('"').skip(1).step_by(4).collect();
    assert_eq!(fields, ["version", "build_time", "git_commit"], "{version:?}");
    assert_eq!((version.status, version.content_type.as_str()), (200, JSON));

    // `dispatch`, which is ours, comes last.
    let until = async |status: u16, whole: &str, processing: &str, database: &str, redis: &str| {
        let begin = format!(
            r#"{{"status":"{whole}","processing_status":"{processing}","version":{},"dependencies":{{"database":"{database}","redis":"{redis}"}}"#,
            version.body
        );
        wait_until(&begin, LIMIT, async || {
            let told = ask(&replica, "GET", "/health").await;
            assert_eq!(told.content_type, JSON);
            let rest = told.body.strip_prefix(&begin).filter(|_| told.status == status);
            rest.is_some_and(|rest| rest == "}" || rest.starts_with(r#","dispatch":{"#))
        })
        .await;
    };
    until(200, "healthy", "running", "healthy", "healthy").await;
    ask(&replica, "POST", "/api/messaging/stop").await;
    until(200, "healthy", "stopped", "healthy", "healthy").await;
    redis.kill().await.expect("it was running");
    until(200, "degraded", "stopped", "healthy", "unhealthy").await;
    redis.start_again().await.expect("it starts again");
    stage.stop().await;
    until(503, "degraded", "stopped", "unhealthy", "healthy").await;
    let down = r#"{"error":"Service unavailable","message":"The message store cannot be reached; try again later"}"#;
    for (method, path) in [
        ("POST", "/api/messaging/start"),
        ("POST", "/api/messaging/stop"),
        ("GET", "/api/messages/sent"),
        ("GET", "/api/messages/sent?limit=1"),
    ] {
        assert_eq!(ask(&replica, method, path).await, answer(503, down), "{method} {path}");
    }
    assert_eq!(ask(&replica, "GET", "/version").await, version, "it needs nothing");
    stage.start_again().await;
    until(200, "healthy", "stopped", "healthy", "healthy").await;
}

async fn other_methods_and_addresses<S: Store>() {
    let stage = Stage::<S>::with(Config::default()).await;
    let replica = stage.replica(&[]).await;
    let routes = [
        ("POST", "/api/messaging/start"),
        ("POST", "/api/messaging/stop"),
        ("GET", "/api/messages/sent"),
        ("GET", "/health"),
        ("GET", "/version"),
    ];
    for (right, path) in routes {
        for wrong in ["GET", "POST", "PUT", "DELETE"].into_iter().filter(|wrong| *wrong != right) {
            let told = ask(&replica, wrong, path).await;
            assert_eq!(told.status, 405, "{wrong} {path}");
        }
        let told = ask(&replica, right, &format!("{path}/")).await;
        assert_eq!((told.status, told.content_type.as_str()), (404, "application/problem+json"));
    }
}
