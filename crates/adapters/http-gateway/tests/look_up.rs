//! Asking for a message: what goes out, and what the answers mean.

mod support;

use dispatcher_domain::{LookUp, ProviderMessageId, ports::SmsGateway};
use dispatcher_http_gateway::HttpGatewayConfig;
use dispatcher_mock_provider::{Config, MockProvider};
use std::time::Duration;
use support::{LIMIT, OneShotServer, TOKEN, config, gateway, message, reply};
use tokio::{net::TcpListener, time::timeout};

fn asking(url: impl Into<String>, deadline: Duration) -> HttpGatewayConfig {
    let look_up_url = Some(url.into());
    HttpGatewayConfig { look_up_url, deadline, ..config("http://127.0.0.1:1/send") }
}

/// Asks for any message; a test that hangs fails here.
async fn ask(config: &HttpGatewayConfig) -> LookUp {
    let gateway = gateway(config);
    timeout(LIMIT, gateway.look_up(&message().key)).await.expect("the look-up never ended")
}

fn url(server: &OneShotServer) -> String {
    format!("http://{}/messages/{{key}}?account=7", server.addr)
}

#[tokio::test]
async fn the_provider_knows_what_it_accepted_and_nothing_else() {
    let provider = MockProvider::start(Config { token: Some(TOKEN.into()), ..Config::default() });
    let provider = provider.await.unwrap();
    let look_up_url = Some(provider.look_up_url());
    let gateway = gateway(&HttpGatewayConfig { look_up_url, ..config(provider.send_url()) });
    let message = message();
    assert_eq!(gateway.look_up(&message.key).await, LookUp::NotKnown);
    provider.script("drop-after".parse().unwrap());
    gateway.send(&message).await;
    let provider_message_id = ProviderMessageId::parse(&provider.ledger()[0].message_id).unwrap();
    assert_eq!(gateway.look_up(&message.key).await, LookUp::Accepted { provider_message_id });
    assert_eq!(provider.requests().len(), 1, "to ask is not to send");
}

#[tokio::test]
async fn one_get_with_the_token_and_the_key_in_its_place() {
    let server = OneShotServer::start(reply("404 Not Found", "", "")).await;
    let message = message();
    let gateway = gateway(&asking(url(&server), Duration::from_secs(6)));
    assert_eq!(gateway.look_up(&message.key).await, LookUp::NotKnown);
    let requests = server.requests();
    let line = format!("GET /messages/{}?account=7 HTTP/1.1\r\n", message.key.as_str());
    assert!(requests[0].starts_with(&line), "{}", requests[0]);
    assert!(requests[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")));
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_provider_without_an_address_for_it_cannot_be_asked() {
    assert_eq!(ask(&config("http://127.0.0.1:1/send")).await, LookUp::Unsupported);
}

#[tokio::test]
async fn what_does_not_tell_is_a_failure_and_a_redirect_is_not_followed() {
    let elsewhere = OneShotServer::start(reply("200 OK", "", r#"{"messageId":"a-1"}"#)).await;
    let location = format!("Location: {}\r\n", elsewhere.url());
    for reply in [
        reply("200 OK", "", "<html>log in</html>"),
        reply("302 Found", &location, ""),
        reply("401 Unauthorized", "", r#"{"messageId":"a-1"}"#),
        reply("500 Oh", "", ""),
        String::new(),
    ] {
        let server = OneShotServer::start(reply.clone()).await;
        assert_eq!(ask(&asking(url(&server), LIMIT)).await, LookUp::Failed, "{reply}");
        assert_eq!(server.requests().len(), 1, "{reply}");
    }
    assert_eq!(elsewhere.requests(), [""; 0], "the token went elsewhere");
}

#[tokio::test]
async fn a_provider_that_is_down_or_silent_is_a_failure_within_the_deadline() {
    assert_eq!(ask(&asking("http://127.0.0.1:1/{key}", LIMIT)).await, LookUp::Failed);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/{{key}}", silent.local_addr().unwrap());
    assert_eq!(ask(&asking(url, Duration::from_millis(100))).await, LookUp::Failed);
}
