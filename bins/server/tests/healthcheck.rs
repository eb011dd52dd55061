//! `healthcheck`, asked of the real server and of others that it must not take for well.

use dispatcher_stage::{
    LIMIT,
    program::{Ended, run, start},
};
use dispatcher_testkit::process::{Program, Stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};

/// A whole service in memory, and its port.
async fn dev() -> (Program, String) {
    let program = start(&["dev", "--port", "0"], &[]);
    let line = program.wait_for_line("Message Dispatcher runs at", LIMIT).await.expect("it runs");
    let port = line.rsplit(':').next().expect("a port").to_owned();
    (program, port)
}

/// A server without a database, as it waits for one.
async fn waiting(settings: &[(&str, &str)]) -> (Program, String) {
    let mut variables = vec![
        ("DATABASE_URL", "postgres://127.0.0.1:1/none"),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("SERVER_PORT", "0"),
        ("LOG_FORMAT", "json"),
    ];
    variables.extend(settings);
    let program = start(&["serve"], &variables);
    let line = program.wait_for_line("\"listening\"", LIMIT).await;
    let line = line.unwrap_or_else(|error| panic!("{error:#} {:?}", program.lines(Stream::Err)));
    let line: serde_json::Value = serde_json::from_str(&line).expect("a JSON line");
    let address = line["address"].as_str().expect("an address");
    let port = address.rsplit(':').next().expect("a port").to_owned();
    (program, port)
}

/// Somebody who answers every connection with `bytes` and closes it.
async fn answering(bytes: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = [0; 1024];
            let read = stream.read(&mut question).await.expect("a question");
            assert!(question[..read].starts_with(b"GET /"));
            stream.write_all(bytes.as_bytes()).await.expect("it is read");
        }
    });
    port.to_string()
}

/// Asks whoever listens at `port`.
async fn ask(port: &str, arguments: &[&str]) -> Ended {
    let arguments = [&["healthcheck"], arguments].concat();
    run(&arguments, &[("SERVER_PORT", port)]).await
}

#[track_caller]
fn assert_healthy(ended: &Ended) {
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{}", ended.out);
    assert!(ended.out.starts_with("healthy: http://"), "{}", ended.out);
    assert_eq!(ended.out.lines().count(), 1, "{}", ended.out);
}

#[track_caller]
fn assert_unhealthy(ended: &Ended, why: &str) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
    assert!(ended.err.contains("unhealthy") && ended.err.contains(why), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

#[tokio::test]
async fn a_server_that_works_is_healthy_and_ready() {
    let (_dev, port) = dev().await;
    assert_healthy(&ask(&port, &[]).await);
    assert_healthy(&ask(&port, &["--timeout", "20s", "--ready"]).await);
    for url in [format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}/")] {
        // Nothing of the environment counts beside it.
        let arguments = ["healthcheck", "--url", &url];
        assert_healthy(&run(&arguments, &[("SERVER_PORT", "0"), ("SERVER_HOST", "a b")]).await);
    }
}

#[tokio::test]
async fn settings_that_it_does_not_need_have_no_say() {
    let (_dev, port) = dev().await;
    let variables = [
        ("SERVER_PORT", port.as_str()),
        ("SMS_API_URL", "ftp://example.com"),
        ("DB_PORT", "none"),
        ("BATCH_SIZE", "0"),
        ("SMS_CA_FILE", "/no/such/file"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("http_proxy", "http://127.0.0.1:1"),
    ];
    assert_healthy(&run(&["healthcheck"], &variables).await);
}

#[tokio::test]
async fn a_server_without_a_database_lives_but_is_not_ready() {
    let (_server, port) = waiting(&[]).await;
    assert_healthy(&ask(&port, &[]).await);
    assert_unhealthy(&ask(&port, &["--ready"]).await, "/readyz answers 503: starting");
}

#[tokio::test]
async fn a_server_on_every_address_is_asked_on_loopback() {
    let (_server, port) = waiting(&[("SERVER_HOST", "0.0.0.0"), ("AUTH", "off")]).await;
    for every in ["0.0.0.0", "::"] {
        let variables = [("SERVER_HOST", every), ("SERVER_PORT", port.as_str())];
        assert_healthy(&run(&["healthcheck"], &variables).await);
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unhealthy() {
    // Taken, so that nobody else can listen there meanwhile.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let port = socket.local_addr().expect("an address").port().to_string();
    let why = format!("cannot connect to 127.0.0.1:{port}");
    assert_unhealthy(&ask(&port, &[]).await, &why);
}

#[tokio::test]
async fn who_says_no_is_unhealthy_and_quoted() {
    let stuck = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nstuck";
    assert_unhealthy(&ask(&answering(stuck).await, &[]).await, "/livez answers 503: stuck");
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n";
    assert_unhealthy(&ask(&answering(moved).await, &[]).await, "/livez answers 302");
}

#[tokio::test]
async fn who_does_not_answer_is_unhealthy_when_the_time_is_over() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = silent.local_addr().expect("an address").port().to_string();
    let why = "/livez did not answer within 200ms";
    assert_unhealthy(&ask(&port, &["--timeout", "200ms"]).await, why);
    // The time is that of the whole answer, not of its head.
    let slow = answering_slowly().await;
    assert_unhealthy(&ask(&slow, &["--timeout", "200ms"]).await, why);
}

/// Somebody who begins to answer and does not end.
async fn answering_slowly() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        // Asked first: nobody takes an answer to no question.
        stream.read_exact(&mut [0; 4]).await.expect("a question");
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no";
        stream.write_all(head).await.expect("it is read");
        // Held open: the end of the task would close it.
        std::future::pending::<()>().await;
    });
    port.to_string()
}

#[tokio::test]
async fn another_program_at_that_port_is_not_taken_for_ours() {
    let others = [
        ("220 mail.example ESMTP\r\n", "is not answered in HTTP"),
        ("", "the connection was closed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<br>", "does another program listen"),
        ("HTTP/1.1 200 OK\r\n\r\n", "does another program listen"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "does another program listen"),
    ];
    for (answer, why) in others {
        assert_unhealthy(&ask(&answering(answer).await, &[]).await, why);
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_wrong_usage() {
    type Wrong = (&'static [&'static str], &'static [(&'static str, &'static str)], &'static str);
    let wrong: [Wrong; 5] = [
        (&[], &[("SERVER_PORT", "0")], "--url"),
        (&[], &[("SERVER_PORT", "eighty")], "SERVER_PORT=\"eighty\""),
        (&["--url", "https://127.0.0.1"], &[], "'--url <URL>'"),
        (&["--timeout", "5"], &[], "needs a unit: 5s"),
        (&["--timeout", "0s"], &[], "'--timeout <DURATION>'"),
    ];
    for (arguments, variables, told) in wrong {
        let ended = run(&[&["healthcheck"], arguments].concat(), variables).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{}", ended.err);
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
}
