//! What the gateway makes of everything that a provider can do: by a provider
//! that misbehaves as told and knows what it has accepted.

mod support;

use dispatcher_domain::{SendOutcome, UnknownCause, ports::SmsGateway};
use dispatcher_http_gateway::HttpGatewayConfig;
use dispatcher_mock_provider::{Config, MockProvider, Script};
use std::time::Duration;
use support::{
    LIMIT, OneShotServer, TOKEN, accepted, config, gateway, message, read_request, reply, send,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

async fn provider(script: &str) -> MockProvider {
    let script: Script = script.parse().unwrap();
    let config = Config { token: Some(TOKEN.to_owned()), ..Config::scripted(script) };
    MockProvider::start(config).await.unwrap()
}

/// The outcome of one send to a provider that follows `script`, which must
/// have arrived exactly once and must be in the ledger exactly if `in_ledger`.
async fn outcome_of(script: &str, in_ledger: bool) -> SendOutcome {
    let provider = provider(script).await;
    let outcome = send(&config(provider.send_url())).await;
    assert_eq!(provider.requests().len(), 1, "{script}");
    assert_eq!(provider.ledger().len(), usize::from(in_ledger), "{script}");
    outcome
}

fn unknown(cause: UnknownCause, http_status: Option<u16>) -> SendOutcome {
    SendOutcome::Unknown { cause, http_status }
}

fn accepted_without_id(http_status: u16) -> SendOutcome {
    SendOutcome::Accepted { provider_message_id: None, http_status }
}

#[tokio::test]
async fn an_accepted_message_has_the_providers_id() {
    let provider = provider("accept").await;
    let message = message();
    let outcome = gateway(&config(provider.send_url())).send(&message).await;
    let entry = &provider.ledger()[0];
    assert_eq!(accepted(&outcome), Some(entry.message_id.as_str()));
    assert_eq!(entry.phone_number, message.phone_number.as_str());
    assert_eq!(entry.content, message.body.as_str());
    assert_eq!(entry.idempotency_key.as_deref(), Some(message.key.as_str()));
}

#[tokio::test]
async fn the_same_message_again_is_the_same_sms() {
    let provider = provider("accept").await;
    let (gateway, message) = (gateway(&config(provider.send_url())), message());
    let first = gateway.send(&message).await;
    assert_eq!(gateway.send(&message).await, first);
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn any_2xx_is_accepted() {
    for status in [201, 202] {
        let outcome = outcome_of(&format!("accept-with={status}"), true).await;
        assert_eq!(outcome.http_status(), Some(status));
        assert!(accepted(&outcome).is_some());
    }
    assert_eq!(outcome_of("accept-with=204", true).await, accepted_without_id(204));
}

#[tokio::test]
async fn a_2xx_without_a_readable_id_is_accepted_without_one() {
    for script in ["garbage", "empty", "accept-with=200;body='{}'", "drop-mid-body"] {
        assert_eq!(outcome_of(script, true).await, accepted_without_id(200), "{script}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_left_unread_and_the_message_accepted() {
    let outcome = outcome_of("huge=10000000", true).await;
    assert!(matches!(outcome, SendOutcome::Accepted { http_status: 200, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_cut_by_the_deadline_and_the_message_accepted() {
    let provider = provider("drip=1h").await;
    // The status must come within it, on a machine that stalls.
    let deadline = Duration::from_secs(5);
    let config = HttpGatewayConfig { deadline, ..config(provider.send_url()) };
    assert_eq!(send(&config).await, accepted_without_id(200));
}

#[tokio::test]
async fn no_answer_within_the_deadline_is_unknown() {
    for script in ["hang-before", "hang-after"] {
        let provider = provider(script).await;
        let config = config(provider.send_url());
        let outcome = tokio::spawn(async move { send(&config).await });
        provider.wait_for_requests(1, LIMIT).await.unwrap();
        // Nothing is left to wait for but the deadline.
        tokio::time::pause();
        assert_eq!(outcome.await.unwrap(), unknown(UnknownCause::Timeout, None), "{script}");
        tokio::time::resume();
        assert_eq!(provider.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_unknown() {
    for (script, in_ledger) in [("drop-before", false), ("drop-after", true)] {
        let outcome = outcome_of(script, in_ledger).await;
        assert_eq!(outcome, unknown(UnknownCause::ConnectionLost, None), "{script}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_unknown() {
    let server = OneShotServer::start("SSH-2.0-OpenSSH_9.2\r\n").await;
    let outcome = send(&config(server.url())).await;
    assert_eq!(outcome, unknown(UnknownCause::ConnectionLost, None));
}

#[tokio::test]
async fn statuses_that_do_not_tell_are_unknown() {
    for status in [408, 500, 502, 503, 504] {
        let outcome = outcome_of(&format!("status={status}"), false).await;
        assert_eq!(outcome, unknown(UnknownCause::Status, Some(status)));
    }
    // Accepted, and told otherwise: the reason why a 500 is unknown.
    let outcome = outcome_of("accept-with=500", true).await;
    assert_eq!(outcome, unknown(UnknownCause::Status, Some(500)));
}

#[tokio::test]
async fn client_errors_are_refused() {
    for status in [400, 404, 409, 413, 422] {
        let outcome = outcome_of(&format!("status={status}"), false).await;
        assert_eq!(outcome, SendOutcome::Refused { http_status: status });
    }
}

#[tokio::test]
async fn a_conflict_is_unknown_where_the_provider_honours_keys() {
    let provider = provider("status=409").await;
    let config = HttpGatewayConfig { idempotent: true, ..config(provider.send_url()) };
    assert_eq!(send(&config).await, unknown(UnknownCause::Status, Some(409)));
}

#[tokio::test]
async fn a_wrong_token_is_a_misconfiguration() {
    let provider = provider("accept").await;
    let config = HttpGatewayConfig::new(provider.send_url(), "another");
    assert_eq!(send(&config).await, SendOutcome::Misconfigured { http_status: 401 });
    assert_eq!(outcome_of("status=403", false).await.http_status(), Some(403));
}

#[tokio::test]
async fn a_redirect_is_a_misconfiguration_and_not_followed() {
    let elsewhere = provider("accept").await;
    let script = format!("redirect={}", elsewhere.send_url());
    let outcome = outcome_of(&script, false).await;
    assert_eq!(outcome, SendOutcome::Misconfigured { http_status: 307 });
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn too_many_requests_is_rate_limited_with_the_wait_asked_for() {
    let limited = |seconds: Option<u64>| SendOutcome::RateLimited {
        http_status: 429,
        retry_after: seconds.map(Duration::from_secs),
    };
    assert_eq!(outcome_of("status=429;retry_after=120", false).await, limited(Some(120)));
    assert_eq!(outcome_of("status=429;retry_after=soon", false).await, limited(None));
    assert_eq!(outcome_of("status=429", false).await, limited(None));
}

#[tokio::test]
async fn a_date_to_wait_for_is_read_against_the_date_of_the_answer_or_our_clock() {
    let later = "Retry-After: Sun, 06 Nov 1994 08:51:07 GMT\r\n";
    // The clock of these tests stands at 08:49:37.
    for (date, seconds) in [("", 90), ("Date: Sun, 06 Nov 1994 08:51:00 GMT\r\n", 7)] {
        let headers = format!("{later}{date}");
        let server = OneShotServer::start(reply("429 Slow Down", &headers, "")).await;
        let retry_after = Some(Duration::from_secs(seconds));
        let expected = SendOutcome::RateLimited { http_status: 429, retry_after };
        assert_eq!(send(&config(server.url())).await, expected);
    }
}

#[tokio::test]
async fn a_status_that_the_operator_lists_is_not_sent() {
    let provider = provider("status=503;retry_after=7").await;
    let config = HttpGatewayConfig { not_sent_statuses: vec![503], ..config(provider.send_url()) };
    let expected = SendOutcome::NotSent {
        reason: "provider_503".to_owned(),
        http_status: Some(503),
        retry_after: Some(Duration::from_secs(7)),
    };
    assert_eq!(send(&config).await, expected);
}

#[tokio::test]
async fn the_body_of_a_refusal_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let stalling = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 422 No\r\nContent-Length: 1000000\r\n\r\n").await.unwrap();
        // Ends when the client closes the connection, not before.
        stream.read(&mut [0]).await.unwrap_or(0)
    });
    let config = HttpGatewayConfig { deadline: LIMIT * 10, ..config(url) };
    assert_eq!(send(&config).await, SendOutcome::Refused { http_status: 422 });
    assert_eq!(stalling.await.unwrap(), 0);
}
