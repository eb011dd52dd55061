//! Answers whose status is good and whose body is not.

use std::io::Read;

use serde_json::Value;

use crate::helpers::{id_of, post, scripted};

#[tokio::test]
async fn drop_mid_body_sends_the_status_half_of_the_body_and_closes() {
    let provider = scripted("drop-mid-body").await;
    let mut answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.status(), 200);
    let promised = answer.content_length().unwrap() as usize;
    let half = answer.chunk().await.unwrap().expect("half of the body");
    assert_eq!(half.len(), promised / 2);
    assert!(half.starts_with(br#"{"message":"Accepted","#));
    assert!(answer.chunk().await.is_err());
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn drip_sends_the_whole_answer_byte_by_byte() {
    let provider = scripted("drip=1ms").await;
    let mut answer = post(&provider, "hello").await.unwrap();
    let mut body = answer.chunk().await.unwrap().unwrap().to_vec();
    assert!(body.len() < 10, "{} bytes at once", body.len());
    while let Some(chunk) = answer.chunk().await.unwrap() {
        body.extend(chunk);
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["messageId"], provider.ledger()[0].message_id.as_str());
}

#[tokio::test]
async fn a_drip_slower_than_the_client_is_a_time_out_after_the_status_is_known() {
    let provider = scripted("drip=1h").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.status(), 200);
    // Nothing is left to wait for but the end of the client's patience.
    tokio::time::pause();
    assert!(answer.text().await.unwrap_err().is_timeout());
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn garbage_is_200_with_a_page_and_accepted() {
    let provider = scripted("garbage").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(answer.json::<Value>().await.is_err());
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn empty_is_200_without_a_body_and_accepted() {
    let provider = scripted("empty").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.content_length()), (200, Some(0)));
    assert_eq!(answer.text().await.unwrap(), "");
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn huge_has_exactly_the_asked_for_size_no_announced_length_and_the_message_id() {
    let provider = scripted("huge=1000000").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.content_length(), None);
    let body = answer.bytes().await.unwrap();
    assert_eq!(body.len(), 1_000_000);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["messageId"], provider.ledger()[0].message_id.as_str());
}

#[tokio::test]
async fn huge_is_never_smaller_than_the_usual_answer() {
    let provider = scripted("huge=1").await;
    let id = id_of(post(&provider, "hello").await.unwrap()).await;
    assert_eq!(provider.ledger()[0].message_id, id);
}

#[tokio::test]
async fn a_client_that_leaves_a_huge_body_unread_does_no_harm() {
    let provider = scripted("huge=1073741824").await;
    let mut answer = post(&provider, "hello").await.unwrap();
    assert!(answer.chunk().await.unwrap().is_some());
    drop(answer);
    assert_eq!(post(&provider, "next").await.unwrap().status(), 200);
    assert_eq!(provider.ledger().len(), 2);
}

#[tokio::test]
async fn a_gzip_bomb_is_small_until_it_is_unpacked() {
    let provider = scripted("gzip-bomb=1048576").await;
    let answer = post(&provider, "hello").await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let packed = answer.bytes().await.unwrap();
    assert!(packed.starts_with(&[0x1f, 0x8b]) && packed.len() < 4096, "{}", packed.len());
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked.len(), 1 << 20);
    assert_eq!(provider.ledger().len(), 1);
}
