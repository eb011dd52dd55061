//! `GET /api/messages?status=…`.

use crate::support::{Answer, FIRST, NOW, Ports, Server, store};
use dispatcher_domain::{Status, StatusReason};
use serde_json::{Value, json};

const PROBLEM: &str = "application/problem+json";

/// Five parked messages, and one in the queue.
fn parked() -> Server {
    let store = store();
    for _ in 0..5 {
        let id = store.insert_unchecked("+905551234567", "Hello");
        store.edit(id, |row| {
            row.become_unconfirmed();
        });
    }
    store.insert_unchecked("+905551234567", "Hello");
    Ports::over(&store).server()
}

trait Park {
    fn become_unconfirmed(&mut self);
}

impl Park for dispatcher_memory::MessageRow {
    fn become_unconfirmed(&mut self) {
        self.status = Status::Unconfirmed;
        self.status_reason = Some(StatusReason::LEASE_EXPIRED);
        (self.attempt, self.unknown_outcomes) = (1, 1);
    }
}

fn ids(answer: &Answer) -> Vec<i64> {
    let messages = answer.json()["messages"].as_array().expect("a list").clone();
    messages.iter().map(|message| message["id"].as_i64().expect("an id")).collect()
}

/// Field and code of each fault.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = answer.json()["errors"].as_array().expect("faults").clone();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

#[actix_web::test]
async fn an_entry_tells_all_but_the_attempts() {
    let store = store();
    let id = store.insert_unchecked("+905551234567", "Hello");
    store.edit(id, |row| row.become_unconfirmed());
    let uuid = store.edit(FIRST, |row| row.uuid).unwrap();
    let body = format!(
        r#"{{"messages":[{{"id":1,"phone_number":"+905551234567","content":"Hello","encoding":"gsm7","segments":1,"phone_e164":"+905551234567","status":"unconfirmed","status_reason":"lease_expired","maybe_sent":true,"created_at":"{NOW}","priority":0,"attempt":1,"idempotency_key":"{uuid}-0"}}]}}"#
    );
    let server = Ports::over(&store).server();
    server.get("/api/messages?status=unconfirmed").await.is(200, "application/json", &body);
}

#[actix_web::test]
async fn following_the_cursors_gives_every_message_of_the_status_once() {
    let server = parked();
    let mut seen = Vec::new();
    let mut path = "/api/messages?status=unconfirmed&limit=2".to_owned();
    loop {
        let answer = server.get(&path).await;
        assert_eq!(answer.status, 200);
        seen.push(ids(&answer));
        let Some(cursor) = answer.json().get("next_cursor").cloned() else { break };
        path = format!(
            "/api/messages?status=unconfirmed&limit=2&cursor={}",
            cursor.as_str().expect("text")
        );
    }
    assert_eq!(seen, [vec![1, 2], vec![3, 4], vec![5]]);
}

#[actix_web::test]
async fn a_status_without_messages_is_an_empty_list() {
    let server = parked();
    for status in ["sent", "delivered", "canceled", "expired", "failed", "rejected", "sending"] {
        let answer = server.get(&format!("/api/messages?status={status}")).await;
        answer.is(200, "application/json", r#"{"messages":[]}"#);
    }
    assert_eq!(ids(&server.get("/api/messages?status=queued").await), [6]);
}

#[actix_web::test]
async fn fifty_entries_come_unless_told_and_five_hundred_at_most() {
    let store = store();
    for _ in 0..501 {
        store.insert_unchecked("+905551234567", "Hello");
    }
    let server = Ports::over(&store).server();
    assert_eq!(ids(&server.get("/api/messages?status=queued").await).len(), 50);
    assert_eq!(ids(&server.get("/api/messages?status=queued&limit=500").await).len(), 500);
}

#[actix_web::test]
async fn every_wrong_parameter_is_named_at_once_with_what_would_be_right() {
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:invalid_query","#,
        r#""title":"The query is not valid","status":400,"#,
        r#""detail":"see status, limit, cursor","code":"invalid_query","#,
        r#""errors":[{"field":"status","code":"unknown_status","message":"must be one of "#,
        r"queued, sending, sent, delivered, undelivered, failed, unconfirmed, canceled, expired, ",
        r#"rejected"},{"field":"limit","code":"not_a_limit","#,
        r#""message":"must be a number from 1 to 500"},{"field":"cursor","#,
        r#""code":"not_a_cursor","message":"must be a next_cursor of an earlier answer"}]}"#
    );
    let server = Ports::uncalled().server();
    let path = "/api/messages?status=Queued&limit=501&cursor=7";
    server.get(path).await.is(400, PROBLEM, body);
}

#[actix_web::test]
async fn a_parameter_that_is_none_is_refused_before_the_store_is_asked() {
    let server = Ports::uncalled().server();
    for (query, field, code) in [
        ("", "status", "missing"),
        ("?state=failed", "status", "missing"),
        ("?status=", "status", "unknown_status"),
        ("?status=queued,sent", "status", "unknown_status"),
        ("?status=queued&status=sent", "status", "not_once"),
        ("?status=queued&limit=0", "limit", "not_a_limit"),
        ("?status=queued&limit=ten", "limit", "not_a_limit"),
        ("?status=queued&cursor=", "cursor", "not_a_cursor"),
        ("?status=queued&cursor=x_1", "cursor", "not_a_cursor"),
        ("?status=queued&cursor=99999999999999999999_1", "cursor", "not_a_cursor"),
    ] {
        let answer = server.get(&format!("/api/messages{query}")).await;
        let expected = vec![(field.to_owned(), code.to_owned())];
        assert_eq!((answer.status, faults(&answer)), (400, expected), "{query}");
        assert_eq!(answer.json()["code"], json!("invalid_query"));
    }
}
