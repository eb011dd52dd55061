//! The memory store behind the fixture of every message store.

use async_trait::async_trait;
use dispatcher_contract::message_store::{Attempt, Fixture, Row};
use dispatcher_domain::{
    MessageId,
    ports::{
        DispatchControl, DoubtfulMessages, MessageArchive, MessageControl, MessageRepo, QueueStats,
    },
};
use dispatcher_memory::{MemoryStore, MessageRow};
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// A memory store in manual time.
pub(crate) struct Memory {
    store: MemoryStore,
    now: Arc<Mutex<Timestamp>>,
}

pub(crate) async fn new_fixture() -> Memory {
    let now = Arc::new(Mutex::new(Timestamp::from_second(1_700_000_000).unwrap()));
    let clock = Arc::clone(&now);
    Memory { store: MemoryStore::new(move || *clock.lock().unwrap()), now }
}

#[async_trait]
impl Fixture for Memory {
    fn messages(&self) -> &dyn MessageRepo {
        &self.store
    }

    fn control(&self) -> &dyn DispatchControl {
        &self.store
    }

    fn operators(&self) -> &dyn MessageControl {
        &self.store
    }

    fn archive(&self) -> &dyn MessageArchive {
        &self.store
    }

    fn doubts(&self) -> &dyn DoubtfulMessages {
        &self.store
    }

    fn stats(&self) -> &dyn QueueStats {
        &self.store
    }

    async fn advance(&self, by: SignedDuration) {
        *self.now.lock().unwrap() += by;
    }

    async fn insert_unchecked(&self, phone_number: &str, content: &str) -> MessageId {
        self.store.insert_unchecked(phone_number, content)
    }

    async fn set_priority(&self, id: MessageId, priority: i16) {
        self.store.edit(id, |row| row.priority = priority).unwrap();
    }

    async fn schedule(&self, id: MessageId, after: Duration) {
        let due = *self.now.lock().unwrap() + after;
        self.store.edit(id, |row| row.not_before = Some(due)).unwrap();
    }

    async fn rewrite(&self, id: MessageId, phone_number: &str, content: &str) {
        let change = |row: &mut MessageRow| {
            (row.phone_number, row.content) = (phone_number.to_owned(), content.to_owned());
        };
        self.store.edit(id, change).unwrap();
    }

    async fn let_expire(&self, id: MessageId, after: SignedDuration) {
        let end = *self.now.lock().unwrap() + after;
        self.store.edit(id, |row| row.expires_at = Some(end)).unwrap();
    }

    async fn write_sent(&self, id: MessageId, sent: Option<bool>) -> bool {
        let now = *self.now.lock().unwrap();
        self.store.edit(id, |row| row.write_sent(sent, now)).unwrap()
    }

    async fn empty(&self) {
        self.store.truncate();
    }

    async fn row(&self, id: MessageId) -> Row {
        let row = self.store.edit(id, |row| row.clone()).unwrap();
        Row {
            status: row.status,
            status_reason: row.status_reason.map(|reason| reason.as_str().to_owned()),
            attempt: row.attempt,
            tries_used: row.tries_used,
            unknown_outcomes: row.unknown_outcomes,
            scheduled: row.not_before.is_some(),
            provider_message_id: row.provider_message_id,
            legacy_sent: row.status.legacy_sent(),
            encoding: row.derived.map(|derived| derived.text.encoding.to_string()),
            segments: row.derived.map(|derived| derived.text.segments.into()),
            phone_e164: row.derived.and_then(|it| it.phone_e164).map(|number| number.to_string()),
        }
    }

    async fn attempts(&self, id: MessageId) -> Vec<Attempt> {
        let attempts = self.store.attempts(id).into_iter();
        attempts
            .map(|row| Attempt {
                attempt: row.attempt,
                started_at: row.started_at,
                outcome: row.outcome.map(str::to_owned),
            })
            .collect()
    }
}
