//! The whole list of sent messages, when it is long: in constant memory, and
//! holding nothing while it waits for its reader. `CAMPAIGN_COUNT=1000000` makes
//! it as long as it may become.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, reason = "how long the list takes is told, not judged")]

use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Replica, Stage};
use dispatcher_testkit::chance::campaign_count;
use dispatcher_testkit::wait_until;
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MIB: u64 = 1024 * 1024;

/// Adds sent messages until there are `count`.
async fn fill(stage: &Stage, count: usize) {
    let sql = "\
        INSERT INTO messages (phone_number, content, sent, created_at) \
        SELECT '+90555' || lpad((n % 10000000)::text, 7, '0'), \
            'message ' || n || repeat(' and so on', 10), TRUE, \
            timestamptz '2025-01-01Z' + n * interval '1 second' \
        FROM generate_series((SELECT count(*) + 1 FROM messages), $1::bigint) AS n";
    let count = i64::try_from(count).expect("a count");
    stage.sql.execute(sql, &[&count]).await.expect("an insert");
    stage.sql.batch_execute("VACUUM ANALYZE messages").await.expect("a vacuum");
}

/// Reads the whole list piece by piece: how many entries, and how it ends.
async fn read(replica: &Replica) -> (u64, String) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.get(format!("{}/api/messages/sent", replica.base)).send().await;
    let mut answer = answer.expect("an answer");
    let (mut braces, mut end) = (0, Vec::new());
    while let Some(piece) = answer.chunk().await.expect("the list is whole") {
        braces += piece.iter().filter(|byte| **byte == b'{').count() as u64;
        end.extend_from_slice(&piece);
        end.drain(..end.len().saturating_sub(40));
    }
    (braces - 1, String::from_utf8_lossy(&end).into_owned())
}

/// The most memory that the server ever had, in bytes.
fn peak(replica: &Replica) -> u64 {
    let path = format!("/proc/{}/status", replica.program.pid());
    let status = std::fs::read_to_string(path).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_needs_no_more_memory_than_a_short_one() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let count = campaign_count(100_000).max(10_000);
    let stage = Stage::set(Config::default()).await;
    let replica = stage.replica(&[]).await;
    fill(&stage, 1_000).await;
    assert_eq!(read(&replica).await.0, 1_000);
    let short = peak(&replica);
    fill(&stage, count).await;

    let started = Instant::now();
    let (entries, end) = read(&replica).await;
    let took = started.elapsed();

    let long = peak(&replica);
    assert_eq!(entries, count as u64);
    assert!(end.ends_with(&format!("],\"total\":{count}}}")), "{end}");
    let started = Instant::now();
    let page = replica.get("/api/messages/sent?limit=1").await.1;
    assert_eq!(page["total"], count);
    println!(
        "{count} entries in {took:?}, peak {} MiB after {} MiB; a page with its total in {:?}",
        long / MIB,
        short / MIB,
        started.elapsed(),
    );
    assert!(long - short < 64 * MIB, "{} MiB, then {} MiB", short / MIB, long / MIB);
}

/// Asks for the list and reads only its beginning.
async fn begin_to_read(replica: &Replica) -> TcpStream {
    let address = replica.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request =
        format!("GET /api/messages/sent HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("room for a request");
    stream.read_exact(&mut [0; 10_000]).await.expect("the list begins");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_reading_holds_no_transaction_and_no_connection() {
    let stage = Stage::set(Config::default()).await;
    fill(&stage, 100_000).await;
    // With two connections, two lists that held one would stop everything.
    let replica = stage.replica(&[("DB_POOL_SIZE", "2")]).await;
    let mut readers = Vec::new();
    for _ in 0..4 {
        readers.push(begin_to_read(&replica).await);
    }
    stage.insert(1, 3).await;
    wait_until("sending goes on", LIMIT, async || stage.provider.ledger().len() == 3).await;
    // Needs the table for itself.
    let sql = "SET lock_timeout = '120s'; TRUNCATE messages";
    stage.sql.batch_execute(sql).await.expect("nobody holds the table");
    // Their next page is empty: the list ends in order.
    for mut reader in readers {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(LIMIT, reader.read_to_end(&mut rest)).await;
        read.expect("the list ends").expect("it ends in order");
        assert!(rest.ends_with(b"}\r\n0\r\n\r\n"), "{}", rest.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_go_away_leave_nothing_behind() {
    let stage = Stage::set(Config::default()).await;
    fill(&stage, 20_000).await;
    let replica = stage.replica(&[("DB_POOL_SIZE", "2")]).await;
    for _ in 0..50 {
        drop(begin_to_read(&replica).await);
    }
    assert_eq!(read(&replica).await.0, 20_000);
    replica.health().await;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND state LIKE 'idle in transaction%'";
    wait_until("no transaction is open", LIMIT, async || {
        stage.sql.query_one(sql, &[]).await.expect("a count").get::<_, i64>(0) == 0
    })
    .await;
}
