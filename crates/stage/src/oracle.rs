//! Judges a run when it is over: the rows, the attempts and the provider's
//! books must tell one story, and it must be the promised one.

use super::{
    Stage,
    sql::{Row, Sql},
    store::Store,
};
use dispatcher_mock_provider::{Arrival, LedgerEntry, MockProvider};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// Everything that was written down about a run.
pub struct Books {
    /// In queue order.
    pub messages: Vec<Message>,
    /// In order of their start.
    pub attempts: Vec<Attempt>,
    /// In order of acceptance.
    pub ledger: Vec<LedgerEntry>,
    /// In order of arrival.
    pub arrivals: Vec<Arrival>,
}

/// A row of the queue.
#[derive(Debug)]
pub struct Message {
    pub id: i64,
    pub key: String,
    pub phone_number: String,
    pub content: String,
    pub status: String,
    pub provider_message_id: Option<String>,
    pub unknown_outcomes: usize,
}

/// A START and what came of it.
#[derive(Debug)]
pub struct Attempt {
    pub message_id: i64,
    pub instance: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub outcome: Option<String>,
}

impl Books {
    /// Opens the books of `stage`.
    pub async fn of(stage: &Stage<impl Store>) -> Self {
        Self::read(stage.store.sql(), &stage.provider).await
    }

    /// Opens the books of a database and a provider.
    pub async fn read<S: Sql>(sql: &S, provider: &MockProvider) -> Self {
        let messages = "\
            SELECT id, uuid || '-' || key_epoch AS key, phone_number, content, status, \
                provider_message_id, unknown_outcomes \
            FROM messages ORDER BY priority DESC, created_at, id";
        let [started_at, finished_at] = ["started_at", "finished_at"].map(S::micros);
        let attempts = format!(
            "SELECT message_id, instance, {started_at} AS started, {finished_at} AS finished, \
                outcome \
             FROM attempts ORDER BY started_at, message_id, attempt"
        );
        let (messages, attempts) = (sql.rows(messages).await, sql.rows(&attempts).await);
        Self {
            messages: messages.iter().map(Message::of).collect(),
            attempts: attempts.iter().map(Attempt::of).collect(),
            ledger: provider.ledger(),
            arrivals: provider.requests(),
        }
    }

    /// P1 to P3, of `stored` messages that nobody refused: each is `sent` or
    /// `unconfirmed`, those that are `sent` were accepted as they stand, those
    /// that are `unconfirmed` have a send of unknown outcome, and nothing was
    /// accepted twice.
    pub fn balance(&self, stored: usize) {
        assert_eq!(self.messages.len(), stored, "rows");
        self.nothing_was_accepted_twice();
        let accepted: HashMap<&str, &LedgerEntry> =
            self.ledger.iter().map(|entry| (key(entry), entry)).collect();
        for message in &self.messages {
            match message.status.as_str() {
                "sent" => message.matches(accepted.get(message.key.as_str())),
                "unconfirmed" => drop(self.unknown_attempt(message)),
                _ => panic!("not final: {message:?}"),
            }
        }
        let keys: HashSet<&str> = self.messages.iter().map(|m| m.key.as_str()).collect();
        for entry in &self.ledger {
            assert!(keys.contains(key(entry)), "accepted, but no message of ours: {entry:?}");
        }
        for attempt in &self.attempts {
            assert!(attempt.outcome.is_some() && attempt.finished_at.is_some(), "{attempt:?}");
        }
    }

    fn nothing_was_accepted_twice(&self) {
        let mut seen = HashSet::new();
        for entry in &self.ledger {
            let text = format!("{} {}", entry.phone_number, entry.content);
            assert!(seen.insert(key(entry).to_owned()), "one key accepted twice: {entry:?}");
            assert!(seen.insert(text), "one text accepted twice: {entry:?}");
        }
        // The provider may have kept us from a second SMS: we must not need it.
        let mut posted = HashSet::new();
        for arrival in self.arrivals.iter().filter(|arrival| arrival.accepted()) {
            assert!(posted.insert(&arrival.idempotency_key), "POSTed twice: {arrival:?}");
        }
    }

    /// The messages that are parked, each with the attempt that tells why.
    pub fn unconfirmed(&self) -> Vec<(&Message, &Attempt)> {
        let parked = self.messages.iter().filter(|message| message.status == "unconfirmed");
        parked.map(|message| (message, self.unknown_attempt(message))).collect()
    }

    fn unknown_attempt(&self, message: &Message) -> &Attempt {
        let attempts = || self.attempts.iter().filter(|attempt| attempt.message_id == message.id);
        let last = attempts().next_back();
        last.filter(|last| matches!(last.outcome.as_deref(), Some("abandoned" | "unknown")))
            .unwrap_or_else(|| panic!("{message:?}, but {:?}", attempts().collect::<Vec<_>>()))
    }
}

/// The idempotency key, which no POST of ours is without.
pub fn key(entry: &LedgerEntry) -> &str {
    entry.idempotency_key.as_deref().unwrap_or_else(|| panic!("accepted without a key: {entry:?}"))
}

impl Message {
    fn of(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            key: row.get("key"),
            phone_number: row.get("phone_number"),
            content: row.get("content"),
            status: row.get("status"),
            provider_message_id: row.text("provider_message_id"),
            unknown_outcomes: row.get("unknown_outcomes"),
        }
    }

    fn matches(&self, entry: Option<&&LedgerEntry>) {
        let entry = entry.unwrap_or_else(|| panic!("never accepted: {self:?}"));
        let same = self.phone_number == entry.phone_number
            && self.content == entry.content
            && self.provider_message_id.as_ref() == Some(&entry.message_id);
        assert!(same, "{self:?} was accepted as {entry:?}");
    }
}

impl Attempt {
    fn of(row: &Row) -> Self {
        Self {
            message_id: row.get("message_id"),
            instance: row.get("instance"),
            started_at: row.time("started").expect("a time"),
            finished_at: row.time("finished"),
            outcome: row.text("outcome"),
        }
    }
}
