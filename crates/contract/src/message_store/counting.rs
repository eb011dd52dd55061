//! How much is in the queue.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{accepted, claim_one, enqueue, finish, free_flow, pass, refused, unknown},
};
use dispatcher_domain::ports::QueueDepth;
use std::time::Duration;

async fn depth(store: &dyn Fixture) -> QueueDepth {
    // An estimate is what it is.
    QueueDepth { sent_estimate: None, ..store.stats().queue_depth().await.unwrap() }
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

pub async fn an_empty_queue_counts_as_nothing(store: &dyn Fixture) {
    assert_eq!(depth(store).await, QueueDepth::default());
}

pub async fn each_status_is_counted_but_not_what_was_sent(store: &dyn Fixture) {
    free_flow(store).await;
    store.insert_unchecked("12", "no number").await;
    enqueue(store, 4).await;
    for end in [accepted(), refused(), unknown()] {
        let message = claim_one(store).await;
        finish(store, &message, &end).await;
    }
    claim_one(store).await;
    let over = enqueue(store, 1).await[0];
    store.let_expire(over, jiff::SignedDuration::ZERO).await;
    store.messages().expire_overdue(9).await.unwrap();
    enqueue(store, 2).await;
    let later = enqueue(store, 1).await[0];
    store.schedule(later, Duration::from_secs(60)).await;
    let expected = QueueDepth {
        queued: 3,
        due: 2,
        sending: 1,
        unconfirmed: 1,
        failed: 1,
        expired: 1,
        rejected: 1,
        oldest_due: seconds(0),
        sent_estimate: None,
    };
    assert_eq!(depth(store).await, expected);
}

pub async fn the_oldest_due_message_is_found_behind_every_priority(store: &dyn Fixture) {
    for (priority, wait) in [(0, 5), (-7, 20), (7, 1), (7, 3)] {
        let id = enqueue(store, 1).await[0];
        store.set_priority(id, priority).await;
        pass(store, wait).await;
    }
    assert_eq!(depth(store).await.oldest_due, seconds(29));
    claim_one(store).await;
    // The oldest one of priority 7 was started; that of priority 0 is older.
    assert_eq!(depth(store).await.oldest_due, seconds(29));
}

pub async fn a_scheduled_message_is_due_from_its_time_on(store: &dyn Fixture) {
    let id = enqueue(store, 1).await[0];
    store.schedule(id, Duration::from_secs(60)).await;
    pass(store, 59).await;
    let early = depth(store).await;
    assert_eq!((early.queued, early.due, early.oldest_due), (1, 0, None));
    pass(store, 11).await;
    let late = depth(store).await;
    assert_eq!((late.queued, late.due, late.oldest_due), (1, 1, seconds(10)));
}

pub async fn a_date_to_come_is_no_age_below_zero(store: &dyn Fixture) {
    enqueue(store, 1).await;
    store.advance(jiff::SignedDuration::from_secs(-60)).await;
    assert_eq!(depth(store).await.oldest_due, seconds(0));
}
