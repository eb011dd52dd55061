//! The end of a provider, and another one in its place.

use std::sync::Arc;

use dispatcher_mock_provider::{Config, MockProvider};

use crate::helpers::{LIMIT, configured, post, scripted};

#[tokio::test]
async fn after_stop_connecting_is_refused_and_the_books_can_still_be_read() {
    let provider = scripted("").await;
    post(&provider, "hello").await.unwrap();
    provider.stop().await;
    provider.stop().await;
    assert!(post(&provider, "late").await.unwrap_err().is_connect());
    assert_eq!((provider.ledger().len(), provider.requests().len()), (1, 1));
}

#[tokio::test]
async fn stop_closes_connections_that_hang() {
    let provider = Arc::new(scripted("then hang-before").await);
    let hanging = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { post(&provider, "hello").await }
    });
    provider.wait_for_requests(1, LIMIT).await.unwrap();
    provider.stop().await;
    let ended = tokio::time::timeout(LIMIT, hanging).await.unwrap().unwrap();
    assert!(!ended.unwrap_err().is_timeout());
}

#[tokio::test]
async fn the_port_can_be_taken_again_at_once() {
    let first = scripted("").await;
    post(&first, "hello").await.unwrap();
    first.stop().await;
    let again = configured(Config { port: first.addr().port(), ..Config::default() }).await;
    assert_eq!(again.send_url(), first.send_url());
    post(&again, "hello").await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let provider = scripted("").await;
    let port = provider.addr().port();
    let error = MockProvider::start(Config { port, ..Config::default() }).await.err().unwrap();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn a_dropped_provider_closes_its_connections() {
    let provider = scripted("then hang-before").await;
    let url = provider.send_url();
    let hanging = tokio::spawn(async move {
        let message = crate::helpers::message("hello");
        crate::helpers::client().post(url).json(&message).send().await
    });
    provider.wait_for_requests(1, LIMIT).await.unwrap();
    drop(provider);
    let ended = tokio::time::timeout(LIMIT, hanging).await.unwrap().unwrap();
    assert!(!ended.unwrap_err().is_timeout());
}
