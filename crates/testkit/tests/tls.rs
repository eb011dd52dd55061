//! PostgreSQL and Redis show the certificates they are given.

use dispatcher_testkit::{PrivatePostgres, TestRedis, tls::Authority};
use std::io::{Read, Write};
use std::net::TcpStream;
use tokio_postgres::NoTls;

#[tokio::test]
async fn a_postgresql_with_tls_offers_it_and_takes_a_new_certificate() {
    let authority = Authority::new().unwrap();
    let postgres =
        PrivatePostgres::start_with_tls(authority.issue("127.0.0.1").unwrap()).await.unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", postgres.parts().port)).unwrap();
    // SSLRequest, of the chapter "Message Formats".
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [b'S']);

    postgres.renew(authority.issue_expired("127.0.0.1").unwrap()).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&postgres.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
}

#[tokio::test]
async fn a_redis_with_tls_has_a_port_for_it_and_one_for_commands() {
    let authority = Authority::new().unwrap();
    let identity = authority.issue("127.0.0.1").unwrap();
    let redis = TestRedis::start_with_tls("geheim", identity).await.unwrap();
    assert_eq!(redis.command(&["PING"]).await.unwrap(), "PONG");
    let url = redis.tls_url("localhost").await.unwrap();
    let port = url.strip_prefix("rediss://:geheim@localhost:").unwrap().parse::<u16>().unwrap();
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    let plain = TestRedis::start().await.unwrap();
    assert!(plain.tls_url("localhost").await.is_err());
}
