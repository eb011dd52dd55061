//! A store that fails: each route says so in its own words, and tells nothing
//! that belongs into the log.

use crate::support::{Answer, Ports, Server, down, unconfirmed, unexpected};
use dispatcher_domain::ports::{
    MockDispatchControl, MockMessageArchive, MockMessageControl, MockMessageRepo, StoreError,
};
use std::sync::Arc;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const LEGACY: [&str; 3] = ["/api/messaging/start", "/api/messaging/stop", "/api/messages/sent"];
const MESSAGE: &str = r#"{"phone_number":"+905551234567","content":"Hello"}"#;

/// Every call to the store ends in this error.
fn failing(error: fn() -> StoreError) -> Server {
    let mut messages = MockMessageRepo::new();
    messages.expect_enqueue().returning(move |_, _| Err(error()));
    let mut control = MockDispatchControl::new();
    control.expect_set_enabled().returning(move |_| Err(error()));
    let mut archive = MockMessageArchive::new();
    archive.expect_sent_after().returning(move |_, _| Err(error()));
    archive.expect_find().returning(move |_| Err(error()));
    archive.expect_list().returning(move |_, _, _| Err(error()));
    let mut operators = MockMessageControl::new();
    operators.expect_decide().returning(move |_, _, _| Err(error()));
    let (messages, control, archive) = (Arc::new(messages), Arc::new(control), Arc::new(archive));
    let operators = Arc::new(operators);
    Ports { messages, control, archive, operators, ..Ports::uncalled() }.server()
}

async fn legacy(server: &Server, path: &str) -> Answer {
    if path.contains("messaging") { server.post(path).await } else { server.get(path).await }
}

fn problem(code: &str, status: u16, title: &str, detail: &str) -> String {
    format!(
        r#"{{"type":"urn:message-dispatcher:problem:{code}","title":"{title}","status":{status},"detail":"{detail}","code":"{code}"}}"#
    )
}

#[actix_web::test]
async fn a_store_that_is_down_is_503_in_the_predecessors_words_on_its_routes() {
    let body = r#"{"error":"Service unavailable","message":"The message store cannot be reached; try again later"}"#;
    for path in LEGACY.into_iter().chain(["/api/messages/sent?limit=10"]) {
        legacy(&failing(down), path).await.is(503, JSON, body);
    }
}

#[actix_web::test]
async fn a_switch_that_was_not_confirmed_is_503_and_says_how_to_find_out() {
    let body = r#"{"error":"Service unavailable","message":"The message store did not confirm; ask /health what holds now"}"#;
    for path in ["/api/messaging/start", "/api/messaging/stop"] {
        legacy(&failing(unconfirmed), path).await.is(503, JSON, body);
    }
}

#[actix_web::test]
async fn a_message_that_cannot_be_stored_is_503_and_was_not_stored() {
    let (title, detail) =
        ("The message store cannot be reached", "nothing was stored; try again later");
    let body = problem("store_unavailable", 503, title, detail);
    failing(down).enqueue(MESSAGE).await.is(503, PROBLEM, &body);
}

#[actix_web::test]
async fn a_message_whose_storing_was_not_confirmed_is_503_with_a_warning() {
    let (title, detail) = (
        "The message store did not confirm",
        "the message may or may not be stored: look before you send it again",
    );
    let body = problem("store_unconfirmed", 503, title, detail);
    failing(unconfirmed).enqueue(MESSAGE).await.is(503, PROBLEM, &body);
}

#[actix_web::test]
async fn a_message_that_cannot_be_read_is_503() {
    let (title, detail) = ("The message store cannot be reached", "try again later");
    let body = problem("store_unavailable", 503, title, detail);
    failing(down).get("/api/messages/1").await.is(503, PROBLEM, &body);
}

#[actix_web::test]
async fn messages_that_cannot_be_listed_are_503() {
    let (title, detail) = ("The message store cannot be reached", "try again later");
    let body = problem("store_unavailable", 503, title, detail);
    failing(down).get("/api/messages?status=failed").await.is(503, PROBLEM, &body);
}

#[actix_web::test]
async fn a_command_that_the_store_does_not_take_is_503_and_changed_nothing() {
    let (title, detail) =
        ("The message store cannot be reached", "nothing was changed; try again later");
    let body = problem("store_unavailable", 503, title, detail);
    for verb in ["cancel", "requeue"] {
        failing(down).post(&format!("/api/messages/1/{verb}")).await.is(503, PROBLEM, &body);
    }
}

#[actix_web::test]
async fn a_command_that_was_not_confirmed_is_503_and_may_be_repeated() {
    let (title, detail) = (
        "The message store did not confirm",
        "it may be done or not: make the same call again, twice is as once",
    );
    let body = problem("store_unconfirmed", 503, title, detail);
    failing(unconfirmed).post("/api/messages/1/cancel").await.is(503, PROBLEM, &body);
}

#[actix_web::test]
async fn an_answer_of_the_store_that_nobody_understands_is_500_without_details() {
    legacy_500(&failing(unexpected)).await;
    problem_500(failing(unexpected).enqueue(MESSAGE).await);
    problem_500(failing(unexpected).get("/api/messages/1").await);
    problem_500(failing(unexpected).get("/api/messages?status=sent").await);
    problem_500(failing(unexpected).post("/api/messages/1/cancel").await);
}

#[actix_web::test]
async fn a_use_case_that_panics_is_500_without_details() {
    let panicking = || failing(|| panic!("password of db.internal is hush"));
    for path in LEGACY {
        // Each mock panics once; after that its lock is poisoned.
        legacy_500_at(&panicking(), path).await;
    }
    problem_500(panicking().enqueue(MESSAGE).await);
    problem_500(panicking().get("/api/messages/1").await);
}

#[actix_web::test]
async fn a_health_check_that_panics_is_500_without_details() {
    let mut control = MockDispatchControl::new();
    control.expect_snapshot().returning(|| panic!("password of db.internal is hush"));
    let server = Ports { control: Arc::new(control), ..Ports::uncalled() }.server();
    legacy_500_at(&server, "/health").await;
}

async fn legacy_500(server: &Server) {
    for path in LEGACY {
        legacy_500_at(server, path).await;
    }
}

async fn legacy_500_at(server: &Server, path: &str) {
    let body = r#"{"error":"Internal server error","message":"Something went wrong here; the log tells more"}"#;
    legacy(server, path).await.is(500, JSON, body);
}

fn problem_500(answer: Answer) {
    let body = problem("internal", 500, "Something went wrong here", "the log tells more");
    answer.is(500, PROBLEM, &body);
}
