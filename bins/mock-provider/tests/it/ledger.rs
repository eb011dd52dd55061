//! The ledger over HTTP and on disk.

use std::path::Path;

use dispatcher_mock_provider::{Config, MockProvider};

use crate::helpers::{client, configured, get, id_of, post, post_with_key, scripted};

async fn with_file(path: &Path) -> MockProvider {
    configured(Config { ledger_file: Some(path.to_owned()), ..Config::default() }).await
}

#[tokio::test]
async fn the_ledger_lists_all_in_order_of_acceptance_with_microseconds() {
    let provider = scripted("accept, status=503, accept").await;
    for content in ["first", "lost", "second"] {
        post(&provider, content).await.unwrap();
    }
    let ledger = get(&provider, "/ledger").await;
    assert_eq!(ledger["total"], 2);
    let contents: Vec<_> =
        ledger["entries"].as_array().unwrap().iter().map(|e| &e["content"]).collect();
    assert_eq!(contents, ["first", "second"]);
    let entry = ledger["entries"][0].as_object().unwrap();
    let mut fields: Vec<_> = entry.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["accepted_at", "content", "idempotency_key", "message_id", "phone_number"]);
    let accepted_at = entry["accepted_at"].as_str().unwrap();
    assert_eq!(accepted_at.len(), "2026-01-02T03:04:05.000000Z".len(), "{accepted_at}");
    assert_eq!(accepted_at.parse::<jiff::Timestamp>().unwrap(), provider.ledger()[0].accepted_at);
}

#[tokio::test]
async fn the_ledger_can_be_asked_for_one_key_however_it_is_spelt() {
    let provider = scripted("").await;
    post_with_key(&provider, "a/b c&d").await.unwrap();
    post_with_key(&provider, "other").await.unwrap();
    let found = get(&provider, "/ledger?key=a%2Fb%20c%26d").await;
    assert_eq!(
        (&found["total"], &found["entries"][0]["idempotency_key"]),
        (&1.into(), &"a/b c&d".into())
    );
    assert_eq!(get(&provider, "/ledger?key=nobody").await["total"], 0);
}

#[tokio::test]
async fn a_ledger_file_outlives_its_provider_and_its_keys_are_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.jsonl");
    let first = with_file(&path).await;
    let id = id_of(post_with_key(&first, "k").await.unwrap()).await;
    let entries = first.ledger();
    drop(first);
    let second = with_file(&path).await;
    assert_eq!(second.ledger(), entries);
    let again = post_with_key(&second, "k").await.unwrap();
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(id_of(again).await, id);
    post_with_key(&second, "l").await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn an_accepted_message_is_in_the_file_before_its_answer_even_if_no_answer_comes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.jsonl");
    let provider = with_file(&path).await;
    provider.script("drop-after, status=500".parse().unwrap());
    post_with_key(&provider, "k").await.unwrap_err();
    post_with_key(&provider, "refused").await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#""idempotency_key":"k""#) && text.ends_with('\n'), "{text}");
    assert!(!text.contains("refused"), "{text}");
}

#[tokio::test]
async fn a_ledger_file_in_use_or_out_of_reach_keeps_the_provider_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.jsonl");
    let _running = with_file(&path).await;
    for wrong in [path.clone(), dir.path().join("no-such-folder").join("ledger.jsonl")] {
        let config = Config { ledger_file: Some(wrong), ..Config::default() };
        let error = MockProvider::start(config).await.err().unwrap();
        assert!(format!("{error:#}").contains("ledger.jsonl"), "{error:#}");
    }
}

#[tokio::test]
async fn a_message_is_found_by_its_key_even_if_no_answer_came_or_keys_are_ignored() {
    for ignore_idempotency_key in [false, true] {
        let provider = configured(Config { ignore_idempotency_key, ..Config::default() }).await;
        provider.script("drop-after, status=503".parse().unwrap());
        post_with_key(&provider, "k-0").await.unwrap_err();
        post_with_key(&provider, "refused-0").await.unwrap();
        let found = get(&provider, "/messages/k-0").await;
        assert_eq!(found["messageId"], provider.ledger()[0].message_id.as_str());
        for unknown in ["refused-0", "nobody", ""] {
            let url = provider.url(&format!("/messages/{unknown}"));
            let answer = client().get(url).send().await.unwrap();
            assert_eq!(answer.status(), 404, "{unknown}");
            let body: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(body["error"], "unknown_key");
        }
    }
}

#[tokio::test]
async fn a_message_is_shown_to_those_with_the_token_alone() {
    let provider = configured(Config { token: Some("t".into()), ..Config::default() }).await;
    let ask = || client().get(provider.url("/messages/k"));
    assert_eq!(ask().send().await.unwrap().status(), 401);
    assert_eq!(ask().bearer_auth("t").send().await.unwrap().status(), 404);
}
