//! A provider, a client and a message.

use std::{sync::LazyLock, time::Duration};

use dispatcher_mock_provider::{Config, MockProvider, Script};
use reqwest::{Client, ClientBuilder, Response};
use serde_json::{Value, json};

/// Long enough for the slowest machine; nothing waits that long unless it fails.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) async fn scripted(script: &str) -> MockProvider {
    let script: Script = script.parse().unwrap();
    MockProvider::start(Config::scripted(script)).await.unwrap()
}

pub(crate) async fn configured(config: Config) -> MockProvider {
    MockProvider::start(config).await.unwrap()
}

/// A client that hides nothing: no proxy, no redirects, no retries, a connection per request. Built once, because
/// reading the machine's certificates takes longer than a test; without idle connections no test sees another's.
pub(crate) fn client() -> Client {
    static CLIENT: LazyLock<Client> =
        LazyLock::new(|| builder().pool_max_idle_per_host(0).build().unwrap());
    CLIENT.clone()
}

/// The same, with connections that are used again.
pub(crate) fn pooling_client() -> Client {
    builder().build().unwrap()
}

fn builder() -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(LIMIT)
}

pub(crate) fn message(content: &str) -> Value {
    json!({"phone_number": "+905551112233", "content": content})
}

pub(crate) async fn post(provider: &MockProvider, content: &str) -> reqwest::Result<Response> {
    client().post(provider.send_url()).json(&message(content)).send().await
}

pub(crate) async fn post_with_key(provider: &MockProvider, key: &str) -> reqwest::Result<Response> {
    client()
        .post(provider.send_url())
        .header("Idempotency-Key", key)
        .json(&message("hello"))
        .send()
        .await
}

pub(crate) async fn get(provider: &MockProvider, path: &str) -> Value {
    let answer = client().get(provider.url(path)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// The message id of an answer.
pub(crate) async fn id_of(answer: Response) -> String {
    let body: Value = answer.json().await.unwrap();
    body["messageId"].as_str().expect("a message id").to_owned()
}
