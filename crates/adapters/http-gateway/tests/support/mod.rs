//! What the tests share: a message, a clock that stands still, and a server
//! that does to a connection what no HTTP library would.
#![allow(dead_code, reason = "each test program uses a part of it")]

use async_trait::async_trait;
use dispatcher_domain::{
    ClaimedMessage, IdempotencyKey, Lease, LeaseToken, MessageBody, MessageId, MessageLimits,
    PhoneNumber, SendOutcome,
    ports::{Clock, SmsGateway},
};
use dispatcher_http_gateway::{HttpGatewayConfig, HttpSmsGateway};
use jiff::Timestamp;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

/// Far more than any send here takes: only a test that hangs meets it.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
pub(crate) const NUMBER: &str = "+905551234567";
pub(crate) const TEXT: &str = "Kodunuz: 481516 \"ğ\"";
pub(crate) const TOKEN: &str = "t0ken-of-the-test";

/// Sun, 06 Nov 1994 08:49:37 GMT, for ever.
pub(crate) struct StandingClock;

#[async_trait]
impl Clock for StandingClock {
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_second(784_111_777).unwrap()
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

/// With patience: a machine that stalls for some seconds is no provider that
/// does not answer.
pub(crate) fn config(url: impl Into<String>) -> HttpGatewayConfig {
    HttpGatewayConfig { deadline: LIMIT / 2, ..HttpGatewayConfig::new(url, TOKEN) }
}

pub(crate) fn gateway(config: &HttpGatewayConfig) -> HttpSmsGateway {
    HttpSmsGateway::new(config, Arc::new(StandingClock)).unwrap()
}

pub(crate) fn message() -> ClaimedMessage {
    let uuid = Uuid::new_v4();
    ClaimedMessage {
        id: MessageId(1),
        lease: Lease { uuid, token: LeaseToken(Uuid::new_v4()), attempt: 1, paced: true },
        key: IdempotencyKey::new(uuid, 0),
        phone_number: PhoneNumber::parse(NUMBER).unwrap(),
        body: MessageBody::parse(TEXT, &MessageLimits::default()).unwrap(),
    }
}

/// Sends one message; a test that hangs fails here.
pub(crate) async fn send(config: &HttpGatewayConfig) -> SendOutcome {
    timeout(LIMIT, gateway(config).send(&message())).await.expect("the send never ended")
}

/// Reads one request on each connection, writes fixed bytes, and closes.
pub(crate) struct OneShotServer {
    pub(crate) addr: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl OneShotServer {
    /// Answers with `reply`, which may be nothing.
    pub(crate) async fn start(reply: impl Into<String>) -> Self {
        Self::serve(reply.into(), None).await
    }

    pub(crate) async fn start_tls(reply: impl Into<String>, tls: TlsAcceptor) -> Self {
        Self::serve(reply.into(), Some(tls)).await
    }

    async fn serve(reply: String, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::default();
        let task = tokio::spawn(accept(listener, reply, tls, Arc::clone(&requests)));
        Self { addr, requests, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/send", self.addr)
    }

    /// Every request that has arrived whole.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for OneShotServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    reply: String,
    tls: Option<TlsAcceptor>,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (reply, requests) = (reply.clone(), Arc::clone(&requests));
        match tls.clone() {
            None => drop(tokio::spawn(converse(stream, reply, requests))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(stream) = tls.accept(stream).await {
                    converse(stream, reply, requests).await;
                }
            })),
        }
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    reply: String,
    requests: Arc<Mutex<Vec<String>>>,
) {
    let Some(request) = read_request(&mut stream).await else { return };
    requests.lock().unwrap().push(request);
    // The client may be gone, which is the client's affair.
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A whole request; `None` when the client leaves before.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
    Some(String::from_utf8(bytes).unwrap())
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

/// A whole HTTP reply with this status line and these further headers.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

pub(crate) fn accepted(outcome: &SendOutcome) -> Option<&str> {
    match outcome {
        SendOutcome::Accepted { provider_message_id: Some(id), .. } => Some(id.as_str()),
        _ => None,
    }
}
