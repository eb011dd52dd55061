//! No answer at all: hangs and dropped connections.

use std::sync::Arc;

use dispatcher_mock_provider::{MockProvider, Outcome, Script};

use crate::helpers::{LIMIT, client, message, post, scripted};

/// A POST whose client gives up: once it has arrived, there is nothing left to wait for but the end of its patience.
async fn post_and_give_up(provider: &MockProvider) -> reqwest::Error {
    let post = client().post(provider.send_url()).json(&message("hello")).send();
    let post = tokio::spawn(post);
    provider.wait_for_requests(1, LIMIT).await.unwrap();
    tokio::time::pause();
    post.await.unwrap().unwrap_err()
}

#[tokio::test]
async fn hang_before_accepts_nothing_and_lasts_until_the_client_gives_up() {
    let provider = scripted("hang-before").await;
    assert!(post_and_give_up(&provider).await.is_timeout());
    assert!(provider.ledger().is_empty());
    assert_eq!(provider.requests()[0].outcome, Outcome::Refused);
}

#[tokio::test]
async fn hang_after_accepts_and_lasts_until_the_client_gives_up() {
    let provider = scripted("hang-after").await;
    assert!(post_and_give_up(&provider).await.is_timeout());
    assert_eq!(provider.ledger().len(), 1);
    assert_eq!(provider.requests()[0].outcome, Outcome::Accepted);
}

#[tokio::test]
async fn a_hanging_post_is_counted_while_it_hangs_and_holds_up_no_other() {
    let provider = Arc::new(scripted("hang-after").await);
    let hanging = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { post(&provider, "first").await }
    });
    let arrivals = provider.wait_for_requests(1, LIMIT).await.unwrap();
    assert_eq!(arrivals[0].content.as_deref(), Some("first"));
    assert_eq!(post(&provider, "second").await.unwrap().status(), 200);
    assert!(!hanging.is_finished());
    provider.stop().await;
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn a_held_answer_is_given_when_the_script_is_replaced() {
    let provider = Arc::new(scripted("hold, hold").await);
    let posts = ["first", "second"].map(|text| {
        let provider = Arc::clone(&provider);
        tokio::spawn(async move { post(&provider, text).await.unwrap().status() })
    });
    let arrivals = provider.wait_for_accepted(2, LIMIT).await.unwrap();
    assert_eq!(arrivals.len(), 2);
    assert!(posts.iter().all(|post| !post.is_finished()));
    provider.script(Script::default());
    for post in posts {
        assert_eq!(post.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn drop_before_closes_the_connection_and_accepts_nothing() {
    let provider = scripted("drop-before").await;
    let error = post(&provider, "hello").await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout() && !error.is_connect(), "{error:?}");
    assert!(provider.ledger().is_empty());
}

#[tokio::test]
async fn drop_after_closes_the_connection_and_has_accepted() {
    let provider = scripted("drop-after").await;
    let error = post(&provider, "hello").await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn reset_after_resets_the_connection_and_has_accepted() {
    let provider = scripted("reset-after").await;
    let error = post(&provider, "hello").await.unwrap_err();
    let told = format!("{error:?}");
    assert!(told.contains("ConnectionReset"), "{told}");
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn no_http_says_something_else_and_accepts_nothing() {
    let provider = scripted("no-http").await;
    let error = post(&provider, "hello").await.unwrap_err();
    let told = format!("{error:?}");
    assert!(told.contains("Parse("), "{told}");
    assert!(provider.ledger().is_empty());
}
