//! When a new message may go out, as whoever enqueues it asks.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{ANNA, BORA, claim_ids, claim_one, free_flow, pace, pass},
};
use dispatcher_domain::{
    MessageBody, MessageId, MessageLimits, NewMessage, Ordering, PhoneNumber, Priority, Terms,
};
use jiff::{SignedDuration, Timestamp};

async fn enqueue(store: &dyn Fixture, to: &str, terms: Terms) -> MessageId {
    let message = NewMessage {
        phone_number: PhoneNumber::parse(to).expect("a number"),
        body: MessageBody::parse("hello", &MessageLimits::default()).expect("a text"),
    };
    store.messages().enqueue(&message, &terms).await.expect("the store answers").id
}

async fn in_seconds(store: &dyn Fixture, seconds: i64) -> Timestamp {
    let now = store.control().snapshot().await.expect("the store answers").now;
    now + SignedDuration::from_secs(seconds)
}

fn urgent(priority: i16) -> Terms {
    Terms { priority: Priority::stored(priority), ..Terms::default() }
}

pub async fn a_scheduled_message_starts_at_its_time_and_at_its_place(store: &dyn Fixture) {
    free_flow(store).await;
    let not_before = Some(in_seconds(store, 60).await);
    let later = enqueue(store, ANNA, Terms { not_before, ..Terms::default() }).await;
    pass(store, 59).await;
    let others = [
        enqueue(store, BORA, Terms::default()).await,
        enqueue(store, BORA, Terms::default()).await,
    ];
    assert_eq!(claim_ids(store, 1).await, others[..1]);
    pass(store, 1).await;
    assert_eq!(claim_ids(store, 1).await, [later], "it is the oldest");
    assert_eq!(claim_ids(store, 1).await, others[1..]);
}

pub async fn a_message_enqueued_with_a_time_that_is_over_is_due_at_once(store: &dyn Fixture) {
    let not_before = Some(in_seconds(store, -60).await);
    let id = enqueue(store, ANNA, Terms { not_before, ..Terms::default() }).await;
    assert_eq!(claim_ids(store, 1).await, [id]);
}

pub async fn a_higher_priority_goes_first(store: &dyn Fixture) {
    free_flow(store).await;
    let mut ids = vec![];
    for priority in [0, -100, 100, 7] {
        ids.push(enqueue(store, ANNA, urgent(priority)).await);
    }
    for expected in [2, 3, 0, 1] {
        assert_eq!(claim_ids(store, 1).await, [ids[expected]]);
    }
}

pub async fn a_higher_priority_goes_first_to_each_recipient(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Recipient).await;
    enqueue(store, ANNA, urgent(0)).await;
    let anna = enqueue(store, ANNA, urgent(1)).await;
    let bora = enqueue(store, BORA, urgent(2)).await;
    assert_eq!(claim_ids(store, 9).await, [bora, anna]);
}

pub async fn what_was_asked_for_is_shown(store: &dyn Fixture) {
    let (not_before, expires_at) =
        (Some(in_seconds(store, 60).await), Some(in_seconds(store, 90).await));
    let terms = Terms { not_before, expires_at, priority: Priority::stored(-7) };
    let id = enqueue(store, ANNA, terms).await;
    let found = store.archive().find(id).await.unwrap().unwrap().message;
    assert_eq!((found.not_before, found.expires_at, found.priority), (not_before, expires_at, -7));
    let plain = enqueue(store, ANNA, Terms::default()).await;
    let found = store.archive().find(plain).await.unwrap().unwrap().message;
    assert_eq!((found.not_before, found.expires_at, found.priority), (None, None, 0));
    assert_eq!(claim_one(store).await.id, plain);
}
