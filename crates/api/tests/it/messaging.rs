//! `POST /api/messaging/start` and `…/stop`.

use crate::support::{Ports, Server, start, store};
use dispatcher_domain::ports::{DispatchControl, MessageRepo};

const JSON: &str = "application/json";
const STARTED: &str = r#"{"status":"started","message":"Message processing started successfully"}"#;
const RUNNING: &str = r#"{"status":"running","message":"Message processing is already running"}"#;
const STOPPED: &str = r#"{"status":"stopped","message":"Message processing stopped successfully"}"#;
const NOT_RUNNING: &str = r#"{"status":"stopped","message":"Message processing is not running"}"#;

#[actix_web::test]
async fn a_new_service_runs_and_each_turn_of_the_switch_has_the_predecessors_words() {
    let server = Server::new();
    let turns = [
        ("start", RUNNING),
        ("stop", STOPPED),
        ("stop", NOT_RUNNING),
        ("start", STARTED),
        ("start", RUNNING),
    ];
    for (verb, told) in turns {
        server.post(&format!("/api/messaging/{verb}")).await.is(200, JSON, told);
    }
}

#[actix_web::test]
async fn the_switch_is_the_stores_and_not_this_process_s() {
    let store = store();
    let server = Ports::over(&store).server();
    server.post("/api/messaging/stop").await;
    assert!(!store.snapshot().await.unwrap().state.enabled);
    store.set_enabled(true).await.unwrap();
    server.post("/api/messaging/start").await.is(200, JSON, RUNNING);
}

#[actix_web::test]
async fn a_stop_tells_in_a_header_how_many_sends_are_still_in_flight() {
    let store = store();
    store.insert_unchecked("+905551234567", "Hello");
    let server = Ports::over(&store).server();
    let claimed = start(&store).await;
    let answer = server.post("/api/messaging/stop").await;
    assert_eq!(answer.header("x-in-flight"), Some("1"));
    answer.is(200, JSON, STOPPED);
    store.release(claimed.id, &claimed.lease).await.unwrap();
    let answer = server.post("/api/messaging/stop").await;
    assert_eq!(answer.header("x-in-flight"), Some("0"));
}

#[actix_web::test]
async fn a_start_has_no_such_header_and_no_body_is_needed() {
    let answer = Server::new().post("/api/messaging/start").await;
    assert_eq!((answer.status, answer.header("x-in-flight")), (200, None));
}
