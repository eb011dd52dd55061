//! `Idempotency-Key`: one message, however often it is POSTed.

use dispatcher_mock_provider::{Config, Outcome};

use crate::helpers::{configured, get, id_of, post, post_with_key, scripted};

#[tokio::test]
async fn a_second_post_with_the_same_key_gets_the_first_id_and_adds_no_entry() {
    let provider = scripted("").await;
    let first = id_of(post_with_key(&provider, "k").await.unwrap()).await;
    let again = post_with_key(&provider, "k").await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(id_of(again).await, first);
    assert_eq!(provider.ledger().len(), 1);
    let outcomes: Vec<_> = provider.requests().iter().map(|arrival| arrival.outcome).collect();
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Replayed]);
}

#[tokio::test]
async fn another_key_and_no_key_are_messages_of_their_own() {
    let provider = scripted("").await;
    post_with_key(&provider, "a").await.unwrap();
    post_with_key(&provider, "b").await.unwrap();
    post_with_key(&provider, "").await.unwrap();
    post(&provider, "hello").await.unwrap();
    post(&provider, "hello").await.unwrap();
    assert_eq!(provider.ledger().len(), 5);
}

#[tokio::test]
async fn a_refused_post_leaves_its_key_free() {
    let provider = scripted("status=503, drop-before").await;
    post_with_key(&provider, "k").await.unwrap();
    post_with_key(&provider, "k").await.unwrap_err();
    let answer = post_with_key(&provider, "k").await.unwrap();
    assert!(!answer.headers().contains_key("idempotency-replayed"));
    assert_eq!(provider.ledger().len(), 1);
}

#[tokio::test]
async fn a_replay_finds_the_id_that_a_lost_answer_never_told() {
    let provider = scripted("drop-after, status=503, drop-mid-body").await;
    post_with_key(&provider, "k").await.unwrap_err();
    assert_eq!(post_with_key(&provider, "k").await.unwrap().status(), 503);
    assert!(post_with_key(&provider, "k").await.unwrap().text().await.is_err());
    let id = id_of(post_with_key(&provider, "k").await.unwrap()).await;
    assert_eq!(provider.ledger().len(), 1);
    assert_eq!(provider.ledger()[0].message_id, id);
    let outcomes: Vec<_> = provider.requests().iter().map(|arrival| arrival.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Accepted, Outcome::Refused, Outcome::Replayed, Outcome::Replayed]
    );
}

#[tokio::test]
async fn with_keys_ignored_every_accepted_post_is_an_entry() {
    let provider = configured(Config { ignore_idempotency_key: true, ..Config::default() }).await;
    let first = id_of(post_with_key(&provider, "k").await.unwrap()).await;
    let again = post_with_key(&provider, "k").await.unwrap();
    assert!(!again.headers().contains_key("idempotency-replayed"));
    assert_ne!(id_of(again).await, first);
    assert_eq!(get(&provider, "/ledger?key=k").await["total"], 2);
}

#[tokio::test]
async fn fifty_posts_at_once_with_one_key_are_one_message() {
    let provider = std::sync::Arc::new(scripted("").await);
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let provider = std::sync::Arc::clone(&provider);
        posts.spawn(async move { id_of(post_with_key(&provider, "k").await.unwrap()).await });
    }
    let mut ids = posts.join_all().await;
    ids.dedup();
    assert_eq!(ids, [provider.ledger()[0].message_id.clone()]);
    assert_eq!((provider.ledger().len(), provider.requests().len()), (1, 50));
}
