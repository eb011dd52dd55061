//! Number, text, token and the provider's own words stay out of everything
//! that could be logged.

mod support;

use dispatcher_domain::ports::SmsGateway;
use dispatcher_http_gateway::HttpGatewayConfig;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use support::{NUMBER, OneShotServer, TEXT, TOKEN, config, gateway, message, reply};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

const THEIRS: &str = "words-of-the-provider";
const SECRET_QUERY: &str = "key-in-the-query";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What the most talkative log and the outcome say of one send.
async fn everything_said(config: &HttpGatewayConfig) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let gateway = gateway(config);
    let outcome = gateway.send(&message()).await;
    drop(guard);
    format!("{}{outcome:?}{gateway:?}{config:?}", log.text())
}

#[tokio::test]
async fn nothing_of_the_message_or_the_answer_is_said() {
    let quoted = format!(r#"{{"error":"{THEIRS} {NUMBER}"}}"#);
    let replies = [
        reply("200 OK", "", &quoted),
        reply("422 No", "", &quoted),
        reply("401 No", "", &quoted),
        reply("503 No", "", &quoted),
        reply("302 No", &format!("Location: http://{THEIRS}/\r\n"), &quoted),
        format!("{THEIRS}, and no HTTP"),
        String::new(),
    ];
    for reply in replies {
        let server = OneShotServer::start(reply.clone()).await;
        let url = format!("{}?{SECRET_QUERY}", server.url());
        let said = everything_said(&config(url)).await;
        for secret in [NUMBER, TEXT, TOKEN, THEIRS, SECRET_QUERY] {
            assert!(!said.contains(secret), "{reply}: {said}");
        }
    }
}

#[tokio::test]
async fn a_provider_out_of_reach_is_said_with_its_cause_and_without_its_url() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/send?{SECRET_QUERY}", nobody.local_addr().unwrap());
    let connect_timeout = Some(Duration::from_millis(100));

    let said = everything_said(&HttpGatewayConfig { connect_timeout, ..config(url) }).await;

    assert!(said.contains("the provider cannot be reached"), "{said}");
    assert!(said.contains("timed out"), "{said}");
    for secret in [NUMBER, TEXT, TOKEN, SECRET_QUERY] {
        assert!(!said.contains(secret), "{said}");
    }
}
