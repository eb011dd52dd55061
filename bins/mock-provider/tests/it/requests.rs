//! What arrived, in order, and waiting for it.

use std::time::Duration;

use dispatcher_mock_provider::Outcome;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::helpers::{LIMIT, get, post, post_with_key, scripted};

#[tokio::test]
async fn every_post_is_listed_in_order_of_arrival_with_its_fate() {
    let provider = scripted("accept, status=429;retry_after=5").await;
    for key in ["a", "b", "a"] {
        post_with_key(&provider, key).await.unwrap();
    }
    let listed = get(&provider, "/requests").await;
    assert_eq!(listed["total"], 3);
    let column = |name: &str| -> Vec<Value> {
        listed["entries"].as_array().unwrap().iter().map(|e| e[name].clone()).collect()
    };
    assert_eq!(column("number"), [1, 2, 3]);
    assert_eq!(column("idempotency_key"), ["a", "b", "a"]);
    assert_eq!(column("outcome"), ["accepted", "refused", "replayed"]);
    assert_eq!(column("behaviour"), ["accept", "status=429;retry_after=5", "accept"]);
    assert_eq!(get(&provider, "/requests?key=a").await["total"], 2);
    let times: Vec<_> = provider.requests().iter().map(|arrival| arrival.arrived_at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn a_post_whose_client_breaks_off_is_listed_and_neither_judged_nor_accepted() {
    let provider = scripted("garbage").await;
    let mut stream = TcpStream::connect(provider.addr()).await.unwrap();
    let head = b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nIdempotency-Key: k\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head).await.unwrap();
    // "100 Continue" says that the head has arrived and the body is being waited for.
    let mut go_on = [0; 12];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    stream.write_all(b"{\"phone").await.unwrap();
    drop(stream);
    // The step it might have used is still there for the next one.
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    let outcomes: Vec<_> = provider.requests().iter().map(|arrival| arrival.outcome).collect();
    assert_eq!(outcomes, [Outcome::Incomplete, Outcome::Accepted]);
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn waiting_ends_when_enough_have_come() {
    let provider = scripted("status=503").await;
    let (arrivals, accepted, _) = tokio::join!(
        provider.wait_for_requests(2, LIMIT),
        provider.wait_for_accepted(1, LIMIT),
        async {
            post(&provider, "refused").await.unwrap();
            post(&provider, "accepted").await.unwrap();
        }
    );
    let arrivals = arrivals.unwrap();
    assert_eq!(arrivals.iter().map(|a| a.accepted()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(accepted.unwrap()[0].content, "accepted");
}

#[tokio::test]
async fn waiting_for_what_does_not_come_fails_and_says_how_many_came() {
    let provider = scripted("").await;
    post(&provider, "hello").await.unwrap();
    let error = provider.wait_for_requests(3, Duration::from_millis(10)).await.unwrap_err();
    assert_eq!(error.to_string(), "waited 10ms for 3 POSTs, and there are 1");
}
