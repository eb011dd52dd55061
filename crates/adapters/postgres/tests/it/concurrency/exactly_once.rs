//! No message is claimed twice, and none is forgotten.

use super::at_once;
use crate::{
    steps::{Replica, count, enqueue},
    support,
};
use dispatcher_domain::{ClaimResult, Ordering};
use std::{sync::Arc, time::Duration};

/// Claims until the queue is empty.
async fn claims(replica: Arc<Replica>) -> Vec<Vec<i64>> {
    let mut claims = vec![];
    loop {
        match replica.claim(7).await {
            ClaimResult::Started(messages) => {
                claims.push(messages.iter().map(|message| message.id.0).collect());
            }
            ClaimResult::Held(_) => {}
            ClaimResult::Empty { .. } => return claims,
        }
    }
}

async fn every_message_exactly_once(ordering: Ordering, period: Duration) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    Replica::of(&database).pace(1_000_000, period, ordering).await;
    enqueue(&sql, 400).await;

    let claims: Vec<Vec<i64>> = at_once(&database, claims).await.into_iter().flatten().collect();

    assert!(claims.iter().all(|claim| claim.is_sorted() && claim.len() <= 7), "{claims:?}");
    let mut ids = claims.concat();
    ids.sort_unstable();
    assert_eq!(ids, (1..=400).collect::<Vec<_>>());
    let starts = "SELECT count(*) FROM attempts WHERE attempt = 1";
    assert_eq!(count(&sql, starts).await, 400);
    assert_eq!(count(&sql, "SELECT count(*) FROM attempts").await, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_quota_every_message_is_claimed_exactly_once() {
    every_message_exactly_once(Ordering::None, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_a_quota_every_message_is_claimed_exactly_once() {
    every_message_exactly_once(Ordering::None, Duration::from_secs(3600)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_per_recipient_every_message_is_claimed_exactly_once() {
    every_message_exactly_once(Ordering::Recipient, Duration::ZERO).await;
}
