//! Who is let in as long as there are no API keys: the real program, asked
//! byte by byte.

use dispatcher_stage::LIMIT;
use dispatcher_testkit::process::{Program, clear_environment};
use std::process::Command;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A running program, in memory.
struct Dev {
    address: String,
    _program: Program,
}

impl Dev {
    async fn start(environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-server"));
        clear_environment(command.args(["dev", "--port", "0"])).current_dir(std::env::temp_dir());
        command.envs(environment.iter().copied());
        let program = Program::spawn(&mut command).expect("the server starts");
        let line = program.wait_for_line("Message Dispatcher runs at", LIMIT).await;
        let line = line.expect("it runs");
        let address = line.rsplit_once("http://").expect("an address").1.to_owned();
        Self { address, _program: program }
    }

    /// Sends these lines as a head without a body: the status line and all that
    /// follows it. PORT stands for the port.
    async fn ask(&self, lines: &[&str]) -> String {
        let port = self.address.rsplit_once(':').expect("a port").1;
        let head = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
        let mut stream = TcpStream::connect(&self.address).await.expect("a connection");
        stream.write_all(head.replace("PORT", port).as_bytes()).await.expect("it is read");
        let mut answer = String::new();
        let read = timeout(LIMIT, stream.read_to_string(&mut answer)).await;
        read.expect("an end").expect("an answer");
        answer
    }

    /// The status alone.
    async fn status(&self, lines: &[&str]) -> u16 {
        let answer = self.ask(lines).await;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("{lines:?}: {answer}"))
    }
}

const HOST: &str = "Host: localhost:PORT";
const STOP: &str = "POST /api/messaging/stop HTTP/1.1";
const HEALTH: &str = "GET /health HTTP/1.1";
/// The handshake of a WebSocket, which browsers let any page begin.
const WEBSOCKET: [&str; 5] = [
    "GET /api/messages HTTP/1.1",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Host: evil.example",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_loopback_only_this_machine_is_let_in() {
    let dev = Dev::start(&[]).await;
    let let_in: [&[&str]; 7] = [
        &[HEALTH, HOST],
        &[HEALTH, "Host: 127.0.0.1:PORT"],
        &[HEALTH, "Host: [::1]:1"],
        &[HEALTH, "HOST: LOCALHOST.:PORT"],
        &["GET http://localhost:PORT/health HTTP/1.1", HOST],
        &["GET /health HTTP/1.0", HOST],
        &[STOP, HOST, "Origin: http://localhost:PORT"],
    ];
    for lines in let_in {
        assert_eq!(dev.status(lines).await, 200, "{lines:?}");
    }
    let refused: [&[&str]; 12] = [
        &["GET /health HTTP/1.0"],
        &[HEALTH, "Host: evil.example:PORT"],
        &[HEALTH, "Host: 10.0.0.1"],
        &["GET http://evil.example/health HTTP/1.1", HOST],
        &["GET /nothing/here HTTP/1.1", "Host: evil.example"],
        &["OPTIONS * HTTP/1.1", "Host: evil.example"],
        &WEBSOCKET,
        &[STOP, HOST, "Origin: null"],
        &[STOP, HOST, "Origin: http://localhost:1"],
        &[STOP, HOST, "Sec-Fetch-Site: same-site"],
        &[HEALTH, HOST, "X-Forwarded-For: 127.0.0.1"],
        &[HEALTH, HOST, "Forwarded: for=127.0.0.1"],
    ];
    for lines in refused {
        assert_eq!(dev.status(lines).await, 403, "{lines:?}");
    }
    // HTTP/1.1 knows no request without a host.
    assert_eq!(dev.status(&[HEALTH]).await, 400);
    let told = dev.ask(&[HEALTH, "Host: evil.example"]).await;
    assert!(told.contains(r#"{"error":"Forbidden""#) && told.contains("AUTH=off"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_auth_off_only_foreign_pages_are_kept_from_changing_things() {
    let dev = Dev::start(&[("AUTH", "off")]).await;
    let let_in: [&[&str]; 4] = [
        &[HEALTH, "Host: dispatcher.example.com", "X-Forwarded-For: 10.0.0.1"],
        &["GET /health HTTP/1.0"],
        &[HEALTH, HOST, "Origin: https://elsewhere.example"],
        &[STOP, "Host: dispatcher.example.com", "Origin: https://dispatcher.example.com"],
    ];
    for lines in let_in {
        assert_eq!(dev.status(lines).await, 200, "{lines:?}");
    }
    let refused: [&[&str]; 2] = [
        &[STOP, "Host: dispatcher.example.com", "Origin: https://evil.example"],
        &[STOP, "Host: dispatcher.example.com", "Sec-Fetch-Site: cross-site"],
    ];
    for lines in refused {
        assert_eq!(dev.status(lines).await, 403, "{lines:?}");
    }
}

/// The server's patience is ten seconds; the test's is many times as long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_and_a_body_that_do_not_end_are_given_up() {
    let dev = Dev::start(&[]).await;
    let unfinished = [
        "POST /api/messages HTTP/1.1\r\nHost: localhost\r\n",
        "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{",
        "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ];
    let address = dev.address.as_str();
    let ends = unfinished.map(|text| async move {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("it is read");
        let mut answer = [0; 12];
        let read = timeout(LIMIT, stream.read_exact(&mut answer)).await;
        read.expect("it gives up").expect("an answer");
        assert_eq!(answer, *b"HTTP/1.1 408", "{text}");
    });
    futures_util::future::join_all(ends).await;
}
