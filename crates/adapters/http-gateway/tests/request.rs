//! What arrives at the provider, byte by byte.

mod support;

use dispatcher_domain::ports::SmsGateway;
use support::{NUMBER, OneShotServer, TEXT, TOKEN, accepted, config, gateway, message, reply};

const OK: &str = r#"{"message":"Accepted","messageId":"a-1"}"#;

#[tokio::test]
async fn the_request_is_the_one_that_providers_of_the_predecessor_expect() {
    let server = OneShotServer::start(reply("200 OK", "", OK)).await;
    let message = message();

    let outcome = gateway(&config(server.url())).send(&message).await;

    assert_eq!(accepted(&outcome), Some("a-1"));
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /send HTTP/1.1"));
    let version = env!("CARGO_PKG_VERSION");
    let mut headers: Vec<_> = lines.map(str::to_owned).collect();
    headers.sort();
    assert_eq!(
        headers,
        [
            "accept: */*".to_owned(),
            format!("authorization: Bearer {TOKEN}"),
            format!("content-length: {}", body.len()),
            "content-type: application/json".to_owned(),
            format!("host: {}", server.addr),
            format!("idempotency-key: {}", message.key.as_str()),
            format!("user-agent: message-dispatcher/{version}"),
        ]
    );
    let escaped = TEXT.replace('"', "\\\"");
    assert_eq!(body, format!(r#"{{"phone_number":"{NUMBER}","content":"{escaped}"}}"#));
}

#[tokio::test]
async fn a_query_of_the_url_arrives_and_its_fragment_does_not() {
    let server = OneShotServer::start(reply("200 OK", "", OK)).await;

    gateway(&config(format!("{}?account=7#top", server.url()))).send(&message()).await;

    assert!(server.requests()[0].starts_with("POST /send?account=7 HTTP/1.1\r\n"));
}
