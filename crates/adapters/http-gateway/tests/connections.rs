//! One call, at most one arrival; and what never left is known not to have.

mod support;

use dispatcher_domain::{SendOutcome, UnknownCause, ports::SmsGateway};
use dispatcher_http_gateway::HttpGatewayConfig;
use dispatcher_mock_provider::{Config, MockProvider, Script};
use std::time::Duration;
use support::{
    LIMIT, OneShotServer, accepted, config, gateway, message, read_request, reply, send,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    time::timeout,
};

const CALLS: usize = 200;

fn not_sent(reason: &str) -> SendOutcome {
    SendOutcome::NotSent { reason: reason.to_owned(), http_status: None, retry_after: None }
}

#[tokio::test]
async fn a_server_that_closes_after_each_answer_gets_each_message_once() {
    // The answer promises a connection that stays open.
    let server = OneShotServer::start(reply("200 OK", "", r#"{"messageId":1}"#)).await;
    let gateway = gateway(&config(server.url()));
    for _ in 0..CALLS {
        assert_eq!(accepted(&gateway.send(&message()).await), Some("1"));
    }
    assert_eq!(server.requests().len(), CALLS);
}

#[tokio::test]
async fn each_message_has_a_connection_of_its_own_although_the_server_would_keep_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let connections = tokio::spawn(async move {
        let mut requests = Vec::new();
        while requests.iter().sum::<usize>() < 3 {
            let (stream, _) = listener.accept().await.unwrap();
            requests.push(answer_all(stream).await);
        }
        requests
    });
    let gateway = gateway(&config(url));
    for _ in 0..3 {
        assert_eq!(accepted(&gateway.send(&message()).await), Some("1"));
    }
    assert_eq!(connections.await.unwrap(), [1, 1, 1]);
}

/// Keeps each connection open for a moment that `moments` draws, and counts
/// the requests on all of them.
async fn closing_idle_connections(listener: TcpListener, mut moments: Moments) -> usize {
    let mut requests = 0;
    while requests < CALLS {
        let (mut stream, _) = listener.accept().await.unwrap();
        let answer = reply("200 OK", "Connection: keep-alive\r\n", r#"{"messageId":1}"#);
        let moment = moments.next();
        let mut patience = LIMIT;
        while let Ok(Some(_)) = timeout(patience, read_request(&mut stream)).await {
            requests += 1;
            stream.write_all(answer.as_bytes()).await.unwrap();
            patience = moment;
        }
    }
    requests
}

/// Up to two milliseconds, always the same ones.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Duration::from_micros((self.0 >> 33) % 2000)
    }
}

/// The moments of server and client meet: the next request is written before,
/// while and after the server closes the connection of the last.
#[tokio::test]
async fn a_server_that_closes_idle_connections_as_we_write_gets_each_message_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway(&config(format!("http://{}/send", listener.local_addr().unwrap())));
    let server = tokio::spawn(closing_idle_connections(listener, Moments(1)));
    let mut moments = Moments(2);
    for _ in 0..CALLS {
        assert_eq!(accepted(&gateway.send(&message()).await), Some("1"));
        // A pause, and no wait for anything to happen.
        let _ = timeout(moments.next(), std::future::pending::<()>()).await;
    }
    assert_eq!(server.await.unwrap(), CALLS);
}

/// Answers until the client closes, and says how often that was.
async fn answer_all(mut stream: TcpStream) -> usize {
    let answer = reply("200 OK", "", r#"{"messageId":1}"#);
    let mut answered = 0;
    while read_request(&mut stream).await.is_some() {
        stream.write_all(answer.as_bytes()).await.unwrap();
        answered += 1;
        if answered == 3 {
            break;
        }
    }
    answered
}

#[tokio::test]
async fn a_server_that_closes_without_an_answer_gets_each_message_once() {
    let server = OneShotServer::start("").await;
    let gateway = gateway(&config(server.url()));
    let lost = SendOutcome::Unknown { cause: UnknownCause::ConnectionLost, http_status: None };
    for _ in 0..CALLS {
        assert_eq!(gateway.send(&message()).await, lost);
    }
    assert_eq!(server.requests().len(), CALLS);
}

#[tokio::test]
async fn a_server_that_takes_each_message_and_resets_gets_each_once() {
    for script in ["then drop-after", "then reset-after"] {
        let script: Script = script.parse().unwrap();
        let provider = MockProvider::start(Config::scripted(script.clone())).await.unwrap();
        let gateway = gateway(&config(provider.send_url()));
        let lost = SendOutcome::Unknown { cause: UnknownCause::ConnectionLost, http_status: None };
        for _ in 0..CALLS {
            assert_eq!(gateway.send(&message()).await, lost, "{script}");
        }
        assert_eq!((provider.requests().len(), provider.ledger().len()), (CALLS, CALLS));
    }
}

#[tokio::test]
async fn many_sends_at_once_arrive_once_each() {
    let provider = MockProvider::start(Config::default()).await.unwrap();
    // So many may have to knock twice, at a machine that stalls meanwhile.
    let connect_timeout = Some(LIMIT / 4);
    let config = HttpGatewayConfig { connect_timeout, ..config(provider.send_url()) };
    let gateway = std::sync::Arc::new(gateway(&config));
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..CALLS {
        let gateway = std::sync::Arc::clone(&gateway);
        sends.spawn(async move { gateway.send(&message()).await });
    }
    let outcomes = sends.join_all().await;
    assert_eq!(outcomes.iter().filter_map(accepted).count(), CALLS);
    assert_eq!((provider.requests().len(), provider.ledger().len()), (CALLS, CALLS));
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let provider = MockProvider::start(Config::default()).await.unwrap();
    let config = config(provider.send_url());
    provider.stop().await;
    assert_eq!(send(&config).await, not_sent("connect_failed"));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_not_sent() {
    // RFC 6761: no name under `invalid` ever exists. Where the resolver is slow
    // to say so, time is up first.
    let outcome = send(&config("http://provider.invalid/send")).await;
    let expected = [not_sent("dns_failed"), not_sent("connect_timeout")];
    assert!(expected.contains(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn a_host_that_accepts_and_then_says_nothing_to_tls_is_not_sent() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/send", silent.local_addr().unwrap());
    let connect_timeout = Some(Duration::from_millis(200));
    let config = HttpGatewayConfig { connect_timeout, ..config(url) };
    assert_eq!(send(&config).await, not_sent("connect_timeout"));
}

#[tokio::test]
async fn the_deadline_is_the_one_that_was_asked_for() {
    let config =
        HttpGatewayConfig { deadline: Duration::from_secs(9), ..config("http://127.0.0.1/") };
    assert_eq!(gateway(&config).deadline(), Duration::from_secs(9));
}
