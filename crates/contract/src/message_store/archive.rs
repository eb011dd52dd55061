//! The list of sent messages.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        accepted, claim_one, enqueue, finish, free_flow, not_sent, pass, refused, started, unknown,
    },
};
use dispatcher_domain::{MessageId, Status, ports::SentMessage};

async fn send_all(store: &dyn Fixture) {
    for message in started(store, 100).await {
        finish(store, &message, &accepted()).await;
    }
}

fn ids(entries: &[SentMessage]) -> Vec<MessageId> {
    entries.iter().map(|entry| entry.id).collect()
}

pub async fn sent_messages_are_listed_oldest_first(store: &dyn Fixture) {
    free_flow(store).await;
    let old = enqueue(store, 2).await;
    pass(store, 1).await;
    let failed = enqueue(store, 1).await;
    pass(store, 1).await;
    let young = enqueue(store, 2).await;
    for message in started(store, 100).await {
        let end = if failed.contains(&message.id) { refused() } else { accepted() };
        finish(store, &message, &end).await;
    }
    let list = store.archive().sent_after(None, 100).await.unwrap();
    assert_eq!(ids(&list), [old, young].concat());
    assert_eq!(store.archive().count_sent().await.unwrap(), 4);
    assert_eq!(list[0].provider_message_id.as_deref(), Some("provider-1"));
    assert!(list[0].sent_at.is_some_and(|at| at >= list[0].created_at));
    assert_eq!(
        (list[0].content.as_str(), list[0].phone_number.as_str()),
        ("Hello", "+905550000000")
    );
}

pub async fn pages_list_every_sent_message_exactly_once(store: &dyn Fixture) {
    free_flow(store).await;
    // Seven of one moment: the id must break the tie.
    let all = enqueue(store, 7).await;
    send_all(store).await;
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.archive().sent_after(cursor, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        cursor = Some(last.cursor());
        seen.extend(ids(&page));
    }
    assert_eq!(seen, all);
}

pub async fn an_empty_archive_is_an_empty_list(store: &dyn Fixture) {
    enqueue(store, 1).await;
    assert_eq!(store.archive().sent_after(None, 10).await.unwrap(), []);
    assert_eq!(store.archive().count_sent().await.unwrap(), 0);
}

pub async fn a_message_is_found_with_all_its_attempts(store: &dyn Fixture) {
    free_flow(store).await;
    assert_eq!(store.archive().find(MessageId(1)).await.unwrap(), None);
    let id = enqueue(store, 1).await[0];
    let first = claim_one(store).await;
    pass(store, 2).await;
    finish(store, &first, &not_sent()).await;
    let waiting = store.archive().find(id).await.unwrap().unwrap();
    assert_eq!(
        (waiting.message.status, waiting.message.not_before.is_some()),
        (Status::Queued, true)
    );
    pass(store, 60).await;
    let second = claim_one(store).await;
    finish(store, &second, &unknown()).await;
    let found = store.archive().find(id).await.unwrap().unwrap();
    let message = &found.message;
    assert_eq!((message.status, message.maybe_sent()), (Status::Unconfirmed, true));
    assert_eq!(message.status_reason.as_deref(), Some("unknown_timeout"));
    let outcomes: Vec<_> = found.attempts.iter().map(|a| a.outcome.as_deref().unwrap()).collect();
    assert_eq!(outcomes, ["not_sent", "unknown"]);
    let took = found.attempts[0].finished_at.unwrap().duration_since(found.attempts[0].started_at);
    assert_eq!((took.as_secs(), found.attempts[0].instance.as_str()), (2, "contract"));
}
