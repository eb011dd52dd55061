//! The good case, and good news in other clothes.

use std::time::{Duration, SystemTime};

use dispatcher_mock_provider::{Behaviour, Config, Script};
use serde_json::Value;

use crate::helpers::{configured, get, id_of, message, pooling_client, post, scripted};

#[tokio::test]
async fn a_message_is_accepted_with_a_uuid_that_the_ledger_has() {
    let provider = scripted("").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(!answer.headers().contains_key("idempotency-replayed"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["message"], "Accepted");
    let id = body["messageId"].as_str().unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    let [entry] = &provider.ledger()[..] else { panic!("one entry") };
    assert_eq!(entry.message_id, id);
    assert_eq!((entry.phone_number.as_str(), entry.content.as_str()), ("+905551112233", "hello"));
    assert_eq!(entry.idempotency_key, None);
}

#[tokio::test]
async fn health_says_healthy() {
    assert_eq!(get(&scripted("").await, "/health").await["status"], "healthy");
}

#[tokio::test]
async fn accepted_with_another_status_is_accepted() {
    let provider = scripted("accept-with=202, accept-with=201, accept-with=500").await;
    for status in [202, 201, 500] {
        let answer = post(&provider, "hello").await.unwrap();
        assert_eq!(answer.status(), status);
        let id = id_of(answer).await;
        assert_eq!(provider.ledger().last().unwrap().message_id, id);
    }
    assert_eq!(provider.ledger().len(), 3);
}

#[tokio::test]
async fn accepted_with_204_has_no_body_and_keeps_the_connection_usable() {
    let provider = scripted("accept-with=204;body=ignored").await;
    let client = pooling_client();
    let send = || client.post(provider.send_url()).json(&message("x")).send();
    let answer = send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.text().await.unwrap(), "");
    assert_eq!(send().await.unwrap().status(), 200);
    assert_eq!(provider.ledger().len(), 2);
}

#[tokio::test]
async fn accepted_with_a_body_of_its_own_says_that_and_has_no_message_id() {
    let provider =
        scripted(r#"accept-with=200;body='{"message":"Accepted"}', accept-with=200;body=OK"#).await;
    let json = post(&provider, "hello").await.unwrap();
    assert_eq!(json.headers()["content-type"], "application/json");
    assert_eq!(json.text().await.unwrap(), r#"{"message":"Accepted"}"#);
    let plain = post(&provider, "hello").await.unwrap();
    assert_eq!(plain.text().await.unwrap(), "OK");
    assert_eq!(provider.ledger().len(), 2);
}

#[tokio::test]
async fn latency_holds_back_the_answer_and_not_the_acceptance() {
    let latency = Duration::from_millis(150);
    let provider = configured(Config { latency, ..Config::default() }).await;
    post(&provider, "hello").await.unwrap();
    let held_back = age_of(provider.ledger()[0].accepted_at);
    assert!(held_back >= Duration::from_millis(140), "{held_back:?}");
}

#[tokio::test]
async fn a_status_that_http_does_not_have_is_said_to_be_a_mistake_of_the_script() {
    let provider = scripted("").await;
    for wrong in [
        Behaviour::status(99),
        Behaviour::retry_after(503, "two\nlines"),
        Behaviour::accept_with(777),
    ] {
        provider.script(Script::always(wrong));
        let answer = post(&provider, "hello").await.unwrap();
        assert_eq!(answer.status(), 500);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"], "bad_script");
    }
}

#[allow(clippy::disallowed_methods, reason = "how long an answer took is the subject of the test")]
fn age_of(moment: impl Into<SystemTime>) -> Duration {
    SystemTime::now().duration_since(moment.into()).unwrap_or_default()
}
