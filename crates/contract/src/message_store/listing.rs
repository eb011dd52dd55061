//! The messages of one status.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{accepted, enqueue, finish, free_flow, pass, refused, started, unknown},
};
use dispatcher_domain::{MessageId, Status, ports::MessageSummary};

fn ids(messages: &[MessageSummary]) -> Vec<MessageId> {
    messages.iter().map(|message| message.id).collect()
}

/// All pages of this size, one after the other.
async fn pages(store: &dyn Fixture, status: Status, size: u32) -> Vec<MessageId> {
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.archive().list(status, cursor, size).await.unwrap();
        let Some(last) = page.last() else { return seen };
        cursor = Some(last.cursor());
        seen.extend(ids(&page));
    }
}

pub async fn messages_of_one_status_are_listed_oldest_first(store: &dyn Fixture) {
    free_flow(store).await;
    // A clock set back: the younger ids are the older messages.
    let young = enqueue(store, 2).await;
    pass(store, -10).await;
    let old = enqueue(store, 2).await;
    pass(store, 20).await;
    let queued = [old, young].concat();
    assert_eq!(ids(&store.archive().list(Status::Queued, None, 9).await.unwrap()), queued);
    for message in started(store, 9).await {
        finish(store, &message, &unknown()).await;
    }
    let parked = store.archive().list(Status::Unconfirmed, None, 9).await.unwrap();
    assert_eq!(ids(&parked), queued);
    let first = &parked[0];
    assert_eq!((first.attempt, first.unknown_outcomes, first.maybe_sent()), (1, 1, true));
    assert_eq!(first.status_reason.as_deref(), Some("unknown_timeout"));
    let found = store.archive().find(first.id).await.unwrap().unwrap();
    assert_eq!(found.message, *first, "a list tells what a look at the message tells");
}

pub async fn pages_list_every_message_of_a_status_exactly_once(store: &dyn Fixture) {
    free_flow(store).await;
    // Of one moment: the id must break the tie.
    let all = enqueue(store, 12).await;
    let ends = [accepted(), refused(), unknown()];
    for (message, end) in started(store, 9).await.iter().zip(ends.iter().cycle()) {
        finish(store, message, end).await;
    }
    let every_third = |from: usize| all[from..9].iter().copied().step_by(3).collect::<Vec<_>>();
    for size in [1, 2, 3, 9] {
        assert_eq!(pages(store, Status::Sent, size).await, every_third(0));
        assert_eq!(pages(store, Status::Failed, size).await, every_third(1));
        assert_eq!(pages(store, Status::Unconfirmed, size).await, every_third(2));
        assert_eq!(pages(store, Status::Queued, size).await, all[9..]);
    }
}

pub async fn a_status_that_no_message_has_is_an_empty_list(store: &dyn Fixture) {
    enqueue(store, 1).await;
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Queued) {
        assert_eq!(store.archive().list(status, None, 9).await.unwrap(), [], "{status}");
    }
}
