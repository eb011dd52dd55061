//! Refusals: the script's and the provider's own. None of them is in the ledger.

use dispatcher_mock_provider::{Config, Outcome};
use serde_json::{Value, json};

use crate::helpers::{client, configured, message, post, scripted};

#[tokio::test]
async fn a_scripted_status_is_answered_and_nothing_is_accepted() {
    let provider = scripted("status=503, status=404, status=500;body=<html>").await;
    for status in [503, 404, 500] {
        assert_eq!(post(&provider, "hello").await.unwrap().status(), status);
    }
    assert!(provider.ledger().is_empty());
    assert!(provider.requests().iter().all(|arrival| arrival.outcome == Outcome::Refused));
    assert_eq!(post(&provider, "hello").await.unwrap().status(), 200);
}

#[tokio::test]
async fn retry_after_is_sent_as_it_stands() {
    let given = ["120", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "soon"];
    let steps: Vec<_> =
        given.iter().map(|text| format!(r#"status=429;retry_after="{text}""#)).collect();
    let provider = scripted(&steps.join(", ")).await;
    for expected in given {
        let answer = post(&provider, "hello").await.unwrap();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], expected);
    }
}

#[tokio::test]
async fn a_scripted_body_is_sent_as_it_stands() {
    let provider = scripted(r#"status=200;body="<h1>Sign in</h1>""#).await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.unwrap(), "<h1>Sign in</h1>");
    assert!(provider.ledger().is_empty());
}

#[tokio::test]
async fn a_redirect_names_its_address() {
    let provider =
        scripted("redirect=http://127.0.0.1:9/send, status=302;location=/elsewhere").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:9/send");
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (302, &"/elsewhere".parse().unwrap())
    );
    assert!(provider.ledger().is_empty());
}

#[tokio::test]
async fn a_wrong_body_is_400_with_the_field_and_uses_up_no_step() {
    let provider = scripted("garbage").await;
    for (body, error, field) in [
        ("{", "invalid_json", Value::Null),
        ("[1]", "invalid_json", Value::Null),
        ("", "invalid_json", Value::Null),
        (r#"{"content":"x"}"#, "invalid_field", json!("phone_number")),
        (r#"{"phone_number":"+1"}"#, "invalid_field", json!("content")),
        (r#"{"phone_number":"+1","content":7}"#, "invalid_field", json!("content")),
        (r#"{"phone_number":"+1","content":"[mock:nonsense]"}"#, "bad_script", json!("content")),
    ] {
        let answer = client().post(provider.send_url()).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!((&answer["error"], &answer["field"]), (&json!(error), &field), "{answer}");
    }
    assert!(provider.ledger().is_empty());
    assert_eq!(provider.requests().len(), 7);
    let text = post(&provider, "hello").await.unwrap().text().await.unwrap();
    assert!(text.starts_with("<!doctype"), "{text}");
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_413() {
    let provider = scripted("").await;
    let answer =
        client().post(provider.send_url()).body(vec![b' '; 1024 * 1024 + 1]).send().await.unwrap();
    assert_eq!(answer.status(), 413);
}

#[tokio::test]
async fn a_wrong_token_is_401_and_the_right_one_is_not() {
    let provider = configured(Config { token: Some("right".into()), ..Config::default() }).await;
    let send = |authorization: Option<&'static str>| {
        let request = client().post(provider.send_url()).json(&message("hello"));
        match authorization {
            Some(value) => request.header("Authorization", value),
            None => request,
        }
        .send()
    };
    for wrong in [
        None,
        Some("Bearer wrong"),
        Some("Bearer"),
        Some("right"),
        Some("Basic right"),
        Some("Bearer righteous"),
    ] {
        let answer = send(wrong).await.unwrap();
        assert_eq!(answer.status(), 401, "{wrong:?}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"], "unauthorized");
    }
    assert!(provider.ledger().is_empty());
    assert_eq!(send(Some("Bearer right")).await.unwrap().status(), 200);
    assert_eq!(send(Some("bearer right")).await.unwrap().status(), 200);
    assert_eq!(provider.requests().len(), 8);
}

#[tokio::test]
async fn without_a_configured_token_any_will_do() {
    let provider = scripted("").await;
    let answer = client()
        .post(provider.send_url())
        .bearer_auth("whatever")
        .json(&message("hello"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_with_what_is_allowed() {
    let provider = scripted("").await;
    let answer = client().get(provider.url("/nowhere")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    for (path, allowed) in [
        ("/send", "POST"),
        ("/ledger", "GET"),
        ("/health", "GET"),
        ("/requests", "GET"),
        ("/script", "GET, PUT"),
    ] {
        let answer = client().delete(provider.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(answer.headers()["allow"], allowed, "{path}");
    }
    assert!(provider.requests().is_empty());
}
