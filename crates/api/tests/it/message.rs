//! `GET /api/messages/{id}`.

use crate::support::{FIRST, NOW, Ports, Server, accept, start, store};
use dispatcher_domain::{Status, StatusReason, ports::MessageRepo};
use dispatcher_memory::MemoryStore;
use jiff::Timestamp;
use serde_json::json;

const JSON: &str = "application/json";

/// The idempotency key of the first message, in its first epoch.
fn key(store: &MemoryStore) -> String {
    let uuid = store.edit(FIRST, |row| row.uuid).expect("the row");
    format!("{uuid}-0")
}

#[actix_web::test]
async fn a_queued_message_has_no_field_that_is_not_known_yet() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    let key = key(&store);
    let body = format!(
        r#"{{"id":1,"phone_number":"+905551234567","content":"Hello","encoding":"gsm7","segments":1,"phone_e164":"+905551234567","status":"queued","maybe_sent":false,"created_at":"{NOW}","priority":0,"attempt":0,"idempotency_key":"{key}","attempts":[]}}"#
    );
    Ports::over(&store).server().get("/api/messages/1").await.is(200, JSON, &body);
}

#[actix_web::test]
async fn an_attempt_in_flight_has_no_end() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    start(&store).await;
    let key = key(&store);
    let answer = Ports::over(&store).server().get("/api/messages/1").await;
    assert_eq!(answer.json()["status"], "sending");
    let attempt = format!(
        r#""attempts":[{{"attempt":1,"idempotency_key":"{key}","instance":"replica-1","started_at":"{NOW}"}}]"#
    );
    assert!(answer.body.contains(&attempt), "{}", answer.body);
}

#[actix_web::test]
async fn a_sent_message_shows_every_attempt_and_the_providers_id() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    let released = start(&store).await;
    store.release(released.id, &released.lease).await.unwrap();
    accept(&store, &start(&store).await, "provider-7").await;
    let key = key(&store);
    let first = format!(
        r#"{{"attempt":1,"idempotency_key":"{key}","instance":"replica-1","started_at":"{NOW}","finished_at":"{NOW}","outcome":"released"}}"#
    );
    let second = format!(
        r#"{{"attempt":2,"idempotency_key":"{key}","instance":"replica-1","started_at":"{NOW}","finished_at":"{NOW}","outcome":"accepted","reason":"accepted","http_status":200}}"#
    );
    let body = format!(
        r#"{{"id":1,"phone_number":"+905551234567","content":"Hello","encoding":"gsm7","segments":1,"phone_e164":"+905551234567","status":"sent","maybe_sent":false,"created_at":"{NOW}","priority":0,"sent_at":"{NOW}","message_id":"provider-7","attempt":2,"idempotency_key":"{key}","attempts":[{first},{second}]}}"#
    );
    Ports::over(&store).server().get("/api/messages/1").await.is(200, JSON, &body);
}

#[actix_web::test]
async fn a_message_that_waits_and_one_that_may_have_been_sent_say_so() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    let server = Ports::over(&store).server();
    let until: Timestamp = "2026-10-02T10:05:00Z".parse().unwrap();
    store.edit(FIRST, |row| {
        row.not_before = Some(until);
        row.status_reason = Some(StatusReason::of("rate_limited_429"));
    });
    let waiting = server.get("/api/messages/1").await.json();
    assert_eq!(waiting["not_before"], "2026-10-02T10:05:00Z");
    assert_eq!(waiting["status_reason"], "rate_limited_429");
    store.edit(FIRST, |row| {
        row.status = Status::Failed;
        row.unknown_outcomes = 1;
    });
    let failed = server.get("/api/messages/1").await.json();
    assert_eq!((&failed["status"], &failed["maybe_sent"]), (&json!("failed"), &json!(true)));
}

#[actix_web::test]
async fn an_id_that_nobody_has_is_404() {
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:message_not_found","#,
        r#""title":"There is no message with this id","status":404,"#,
        r#""detail":"there is no message 7","code":"message_not_found"}"#
    );
    Server::new().get("/api/messages/7").await.is(404, "application/problem+json", body);
}

#[actix_web::test]
async fn what_is_no_id_is_404_as_well() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    let server = Ports::over(&store).server();
    let long = "9".repeat(500);
    for id in ["0", "-1", "one", "1.0", "1%20", "%00", "9223372036854775808", &long] {
        let answer = server.get(&format!("/api/messages/{id}")).await;
        let told = (answer.status, answer.json()["code"].clone());
        assert_eq!(told, (404, json!("message_not_found")), "{id}");
        assert!(answer.body.len() < 300, "a long id is not repeated whole");
    }
}
