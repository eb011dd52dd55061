//! `POST /api/messages/{id}/cancel`, `…/requeue` and `…/resolve`.

use crate::support::{Answer, FIRST, Ports, Server, accept, start, store};
use actix_web::test::TestRequest;
use dispatcher_domain::{Status, StatusReason};
use dispatcher_memory::MemoryStore;
use serde_json::{Value, json};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// POSTs a command about message 1.
async fn command(server: &Server, verb: &str, body: impl ToString) -> Answer {
    let request = TestRequest::post().uri(&format!("/api/messages/1/{verb}"));
    let request = request.insert_header(("Content-Type", "application/json"));
    server.call(request.set_payload(body.to_string())).await
}

/// One message of this status, started once.
fn one(status: Status) -> (MemoryStore, Server) {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    store.edit(FIRST, |row| {
        row.status = status;
        row.attempt = 1;
        row.unknown_outcomes = i32::from(status == Status::Unconfirmed);
    });
    let server = Ports::over(&store).server();
    (store, server)
}

fn status(store: &MemoryStore) -> (Status, Option<StatusReason>) {
    store.edit(FIRST, |row| (row.status, row.status_reason.clone())).expect("the row")
}

/// Field and code of each fault.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = answer.json()["errors"].as_array().expect("faults").clone();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

#[actix_web::test]
async fn a_cancel_needs_no_body_and_tells_what_it_did() {
    let (store, server) = one(Status::Queued);
    let uuid = store.edit(FIRST, |row| row.uuid).expect("the row");
    let body = |was, changed| {
        format!(
            r#"{{"id":1,"was":"{was}","status":"canceled","changed":{changed},"maybe_sent":false,"idempotency_key":"{uuid}-0"}}"#
        )
    };
    server.post("/api/messages/1/cancel").await.is(200, JSON, &body("queued", true));
    assert_eq!(status(&store).1, Some(StatusReason::of("canceled_by_operator")));
    command(&server, "cancel", "{}").await.is(200, JSON, &body("canceled", false));
}

#[actix_web::test]
async fn a_message_that_is_being_sent_cannot_be_canceled() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    let message = start(&store).await;
    let server = Ports::over(&store).server();
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:message_in_flight","#,
        r#""title":"The message is being sent","status":409,"#,
        r#""detail":"the message is being sent: wait until the attempt has ended","#,
        r#""code":"message_in_flight"}"#
    );
    server.post("/api/messages/1/cancel").await.is(409, PROBLEM, body);
    accept(&store, &message, "provider-1").await;
    let answer = server.post("/api/messages/1/cancel").await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (409, json!("status_forbids")));
    let detail = "the message is sent: only a queued message can be canceled";
    assert_eq!(answer.json()["detail"], detail);
}

#[actix_web::test]
async fn a_dead_letter_is_requeued_under_a_new_key() {
    let (store, server) = one(Status::Failed);
    let answer = command(&server, "requeue", "{}").await;
    let told = answer.json();
    assert_eq!((answer.status, &told["status"]), (200, &json!("queued")));
    let key = told["idempotency_key"].as_str().expect("a key");
    assert!(key.ends_with("-1"), "{key}");
    assert_eq!(server.get("/api/messages/1").await.json()["idempotency_key"], key);
    assert_eq!(status(&store).1, Some(StatusReason::of("requeued_by_operator")));
}

#[actix_web::test]
async fn what_may_have_been_sent_is_requeued_by_force_only() {
    let (store, server) = one(Status::Unconfirmed);
    for body in ["", "{}", r#"{"force":false}"#, r#"{"force":null}"#] {
        let answer = command(&server, "requeue", body).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (409, json!("maybe_sent")));
    }
    assert_eq!(status(&store).0, Status::Unconfirmed);
    let told = command(&server, "requeue", json!({"force": true})).await.json();
    assert_eq!((&told["status"], &told["maybe_sent"]), (&json!("queued"), &json!(true)));
}

#[actix_web::test]
async fn a_message_is_resolved_either_way() {
    let (store, server) = one(Status::Unconfirmed);
    let sent = json!({"outcome": "sent", "message_id": " from-the-portal "});
    assert_eq!(command(&server, "resolve", &sent).await.json()["status"], "sent");
    let told = server.get("/api/messages/1").await.json();
    assert_eq!(told["message_id"], "from-the-portal");
    assert_eq!(status(&store).1, Some(StatusReason::of("resolved_by_operator")));
    assert_eq!(command(&server, "resolve", &sent).await.json()["changed"], false);

    let (store, server) = one(Status::Unconfirmed);
    let told = command(&server, "resolve", json!({"outcome": "not_sent", "attempt": 1})).await;
    let told = told.json();
    assert_eq!((&told["status"], &told["maybe_sent"]), (&json!("failed"), &json!(false)));
    assert_eq!(status(&store).1, Some(StatusReason::of("resolved_not_sent")));
}

#[actix_web::test]
async fn what_was_started_since_the_operator_looked_is_left_alone() {
    let (store, server) = one(Status::Unconfirmed);
    let commands = [
        ("cancel", json!({"attempt": 0})),
        ("requeue", json!({"attempt": 0, "force": true})),
        ("resolve", json!({"attempt": 0, "outcome": "not_sent"})),
    ];
    for (verb, body) in commands {
        let answer = command(&server, verb, body).await;
        assert_eq!((answer.status, answer.json()["code"].clone()), (409, json!("outdated")));
    }
    assert_eq!(status(&store).0, Status::Unconfirmed);
}

#[actix_web::test]
async fn every_wrong_field_is_named_at_once_with_what_would_be_right() {
    let server = Ports::uncalled().server();
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:invalid_command","#,
        r#""title":"The command is not valid","status":422,"#,
        r#""detail":"nothing was changed; see message_id, outcome, attempt, reason","#,
        r#""code":"invalid_command","errors":["#,
        r#"{"field":"message_id","code":"not_a_string","message":"must be a string in quotes"},"#,
        r#"{"field":"outcome","code":"unknown_outcome","message":"must be sent or not_sent"},"#,
        r#"{"field":"attempt","code":"not_an_attempt","#,
        r#""message":"must be the number of the last attempt that you saw, 0 if none"},"#,
        r#"{"field":"reason","code":"unknown_field","#,
        r#""message":"is not known; there are message_id, outcome, attempt"}]}"#
    );
    let wrong = r#"{"outcome":"lost","message_id":7,"attempt":"one","reason":"why"}"#;
    command(&server, "resolve", wrong).await.is(422, PROBLEM, body);
}

#[actix_web::test]
async fn each_fault_has_a_code_of_its_own() {
    let server = Ports::uncalled().server();
    let long = "x".repeat(256);
    for (verb, body, field, code) in [
        ("resolve", json!({}), "outcome", "missing"),
        ("resolve", json!({"outcome": null}), "outcome", "missing"),
        ("resolve", json!({"outcome": true}), "outcome", "not_a_string"),
        (
            "resolve",
            json!({"outcome": "sent", "message_id": " "}),
            "message_id",
            "not_a_message_id",
        ),
        (
            "resolve",
            json!({"outcome": "sent", "message_id": long}),
            "message_id",
            "not_a_message_id",
        ),
        (
            "resolve",
            json!({"outcome": "sent", "message_id": "a\0b"}),
            "message_id",
            "not_a_message_id",
        ),
        (
            "resolve",
            json!({"outcome": "not_sent", "message_id": "a"}),
            "message_id",
            "not_with_not_sent",
        ),
        ("resolve", json!({"outcome": "sent", "force": true}), "force", "unknown_field"),
        ("requeue", json!({"force": "yes"}), "force", "not_a_boolean"),
        ("requeue", json!({"attempt": -1}), "attempt", "not_an_attempt"),
        ("requeue", json!({"attempt": 1.5}), "attempt", "not_an_attempt"),
        ("cancel", json!({"attempt": 3_000_000_000_u32}), "attempt", "not_an_attempt"),
        ("cancel", json!({"force": true}), "force", "unknown_field"),
    ] {
        let answer = command(&server, verb, &body).await;
        let expected = vec![(field.to_owned(), code.to_owned())];
        assert_eq!((answer.status, faults(&answer)), (422, expected), "{verb} {body}");
    }
}

#[actix_web::test]
async fn a_body_that_is_no_json_object_is_400_or_415() {
    let server = Ports::uncalled().server();
    for verb in ["cancel", "requeue", "resolve"] {
        for body in ["{", "[]", "\"sent\"", " "] {
            let answer = command(&server, verb, body).await;
            assert_eq!(
                (answer.status, answer.json()["code"].clone()),
                (400, json!("invalid_json"))
            );
        }
        let form = TestRequest::post().uri(&format!("/api/messages/1/{verb}"));
        let answer = server.call(form.set_payload("{}")).await;
        assert_eq!(answer.status, 415, "{verb}");
    }
}

#[actix_web::test]
async fn a_message_that_is_not_there_is_404() {
    let server = Server::new();
    for (verb, body) in [("cancel", "{}"), ("requeue", "{}"), ("resolve", r#"{"outcome":"sent"}"#)]
    {
        let answer = command(&server, verb, body).await;
        let told = (answer.status, answer.json()["code"].clone());
        assert_eq!(told, (404, json!("message_not_found")), "{verb}");
        let nonsense = server.post(&format!("/api/messages/one/{verb}")).await;
        assert_eq!(nonsense.status, 404, "{verb}");
    }
}
