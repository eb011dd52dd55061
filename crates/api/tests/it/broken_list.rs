//! The streamed list on a real connection: nobody takes half of it for the
//! whole, and nobody reads on for a client that is gone.

use crate::support::{Ports, down};
use actix_web::{App, HttpServer, dev::ServerHandle, web};
use dispatcher_api::{Api, configure};
use dispatcher_domain::{
    MessageId, Status,
    ports::{CacheError, MockDeliveryCache, MockMessageArchive, SentMessage, StoreError},
};
use dispatcher_testkit::wait_until;
use jiff::Timestamp;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const LIMIT: Duration = Duration::from_secs(30);
const PAGE: i64 = 1000;
/// How a body without a length ends.
const LAST_CHUNK: &str = "0\r\n\r\n";

/// A list of full pages; `after` decides what follows the last entry seen.
fn server(after: fn(i64) -> Result<Vec<SentMessage>, StoreError>) -> web::Data<Api> {
    let mut archive = MockMessageArchive::new();
    archive.expect_sent_after().returning(move |cursor, limit| {
        assert_eq!(i64::from(limit), PAGE);
        after(cursor.map_or(0, |cursor| cursor.id.0))
    });
    let mut cache = MockDeliveryCache::new();
    cache.expect_lookup().returning(|_| Err(CacheError("no Redis".into())));
    let (archive, cache) = (Arc::new(archive), Arc::new(cache));
    Ports { archive, cache, ..Ports::uncalled() }.server().api
}

fn entries(after: i64, count: i64) -> Vec<SentMessage> {
    let entry = |id| SentMessage {
        id: MessageId(id),
        phone_number: "+905551234567".into(),
        content: "Hello".into(),
        status: Status::Sent,
        created_at: Timestamp::UNIX_EPOCH,
        sent_at: None,
        provider_message_id: None,
    };
    (after + 1..=after + count).map(entry).collect()
}

/// Serves on a port of its own.
fn listen(api: &web::Data<Api>) -> (SocketAddr, ServerHandle) {
    let api = api.clone();
    let server = HttpServer::new(move || App::new().configure(|app| configure(app, api.clone())))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a port");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (address, handle)
}

async fn ask(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = "GET /api/messages/sent HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("room for a request");
    stream
}

/// Everything up to the end of the connection, in order or not.
async fn read_all(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(LIMIT, stream.read_to_end(&mut bytes)).await;
    // A reset is an end, too.
    let _ = end.expect("the connection ends");
    String::from_utf8(bytes).expect("UTF-8")
}

#[actix_web::test]
async fn a_whole_list_ends_in_its_total_and_the_last_chunk() {
    let api = server(|after| Ok(entries(after, if after < 2 * PAGE { PAGE } else { 500 })));
    let (address, handle) = listen(&api);
    let answer = read_all(ask(address).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{}", &answer[..100]);
    assert!(answer.contains("],\"total\":2500}"));
    assert!(answer.ends_with(LAST_CHUNK));
    handle.stop(false).await;
}

#[actix_web::test]
async fn a_list_that_breaks_off_aborts_the_connection_instead_of_ending_the_json() {
    let api = server(|after| if after < PAGE { Ok(entries(after, PAGE)) } else { Err(down()) });
    let (address, handle) = listen(&api);
    let answer = read_all(ask(address).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "the first page was there");
    assert!(answer.contains("{\"messages\":[{\"id\":1,"));
    assert!(!answer.contains("total"), "the JSON must not end");
    assert!(!answer.ends_with(LAST_CHUNK), "the body must not end");
    assert!(!answer.contains("hush"), "the cause is for the log");
    handle.stop(false).await;
}

#[actix_web::test]
async fn a_panic_in_the_middle_of_the_list_aborts_the_connection_as_well() {
    let api = server(|after| if after < PAGE { Ok(entries(after, PAGE)) } else { panic!("hush") });
    let (address, handle) = listen(&api);
    let answer = read_all(ask(address).await).await;
    assert!(answer.contains("{\"messages\":[{\"id\":1,"));
    assert!(!answer.ends_with(LAST_CHUNK), "half a list must not look whole");
    handle.stop(false).await;
}

#[actix_web::test]
async fn nobody_reads_on_for_a_client_that_is_gone() {
    let api = server(|after| Ok(entries(after, PAGE)));
    let idle = Arc::strong_count(&api.sent_messages);
    let (address, handle) = listen(&api);
    let mut client = ask(address).await;
    client.read_exact(&mut [0; 100_000]).await.expect("the list has no end");
    assert!(Arc::strong_count(&api.sent_messages) > idle, "somebody reads");
    drop(client);
    wait_until("the reader of the list is gone", LIMIT, async || {
        Arc::strong_count(&api.sent_messages) == idle
    })
    .await;
    handle.stop(false).await;
}
