//! Judges a run as [`Books::balance`] does, and writes down what is wrong
//! instead of ending at the first of it: a campaign wants the whole bill.

use super::oracle::{Attempt, Books, Message};
use dispatcher_mock_provider::LedgerEntry;
use std::collections::{HashMap, HashSet};

/// What was promised, which depends on the provider and the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// P3: at most one SMS, and what is in doubt is parked.
    AtMostOnce,
    /// P2: the provider honours keys, and in the end everything is sent once.
    Idempotent,
    /// P4: everything is sent, at most once more than there were unknown outcomes.
    AtLeastOnce,
}

impl Promise {
    /// In the words of the settings.
    pub fn words(self) -> &'static str {
        match self {
            Self::AtMostOnce => "at_most_once",
            Self::Idempotent => "idempotent provider",
            Self::AtLeastOnce => "at_least_once",
        }
    }

    /// What a replica must be told.
    pub fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::AtMostOnce => &[],
            Self::Idempotent => &[("PROVIDER_IDEMPOTENT", "true")],
            Self::AtLeastOnce => &[("DELIVERY_POLICY", "at_least_once")],
        }
    }
}

/// The bill of a run.
#[derive(Debug, Default)]
pub struct Audit {
    /// Messages that are `sent`.
    pub sent: usize,
    /// Messages that are gone, have no final status, or are `sent` and were
    /// never accepted.
    pub lost: usize,
    /// SMS more than promised.
    pub duplicated: usize,
    /// Messages that are `unconfirmed`.
    pub parked: usize,
    /// What is wrong, each in a sentence.
    pub violations: Vec<String>,
}

impl Books {
    /// The bill for `stored` messages that nobody refused or cancelled.
    pub fn audit(&self, stored: usize, promise: Promise) -> Audit {
        let mut audit = Audit::default();
        if self.messages.len() != stored {
            audit.lost += stored.saturating_sub(self.messages.len());
            audit.blame(format!("{} rows, and {stored} were stored", self.messages.len()));
        }
        let accepted = self.accepted();
        for message in &self.messages {
            let entries = accepted.get(message.uuid()).map_or(&[][..], Vec::as_slice);
            self.judge(message, entries, promise, &mut audit);
        }
        self.no_post_without_a_start(&mut audit);
        for attempt in self.attempts.iter().filter(|attempt| attempt.finished_at.is_none()) {
            audit.blame(format!("an attempt without an end: {attempt:?}"));
        }
        audit
    }

    /// What the provider accepted, by message.
    fn accepted(&self) -> HashMap<&str, Vec<&LedgerEntry>> {
        let mut accepted: HashMap<&str, Vec<&LedgerEntry>> = HashMap::new();
        for entry in &self.ledger {
            let key = entry.idempotency_key.as_deref().unwrap_or_default();
            accepted.entry(uuid_of(key)).or_default().push(entry);
        }
        accepted
    }

    fn judge(
        &self,
        message: &Message,
        entries: &[&LedgerEntry],
        promise: Promise,
        audit: &mut Audit,
    ) {
        let most = match promise {
            Promise::AtMostOnce | Promise::Idempotent => 1,
            Promise::AtLeastOnce => message.unknown_outcomes + 1,
        };
        if entries.len() > most {
            audit.duplicated += entries.len() - most;
            audit.blame(format!("accepted {} times, {most} allowed: {message:?}", entries.len()));
        }
        match message.status.as_str() {
            "sent" => {
                audit.sent += 1;
                if !entries.iter().any(|entry| message.is(entry)) {
                    audit.lost += 1;
                    audit.blame(format!("`sent`, and accepted as {entries:?}: {message:?}"));
                }
            }
            "unconfirmed" if promise == Promise::AtMostOnce => {
                audit.parked += 1;
                if !self.ends_in_doubt(message) {
                    audit.blame(format!("parked, and no send of it is in doubt: {message:?}"));
                }
            }
            _ => {
                audit.lost += 1;
                audit.blame(format!("not final: {message:?}"));
            }
        }
    }

    fn ends_in_doubt(&self, message: &Message) -> bool {
        let mut attempts =
            self.attempts.iter().filter(|attempt: &&Attempt| attempt.message_id == message.id);
        let last = attempts.next_back().and_then(|attempt| attempt.outcome.as_deref());
        matches!(last, Some("abandoned" | "unknown"))
    }

    /// No message is POSTed more often than it has attempts that may have been.
    fn no_post_without_a_start(&self, audit: &mut Audit) {
        let mut started: HashMap<i64, usize> = HashMap::new();
        for attempt in self.attempts.iter().filter(|it| it.outcome.as_deref() != Some("released")) {
            *started.entry(attempt.message_id).or_default() += 1;
        }
        let ids: HashMap<&str, i64> = self.messages.iter().map(|it| (it.uuid(), it.id)).collect();
        let mut posts: HashMap<&str, usize> = HashMap::new();
        for arrival in &self.arrivals {
            let key = arrival.idempotency_key.as_deref().unwrap_or_default();
            *posts.entry(uuid_of(key)).or_default() += 1;
        }
        for (uuid, posts) in posts {
            let started = ids.get(uuid).and_then(|id| started.get(id)).copied().unwrap_or(0);
            if posts > started {
                audit.blame(format!("{posts} POSTs of {uuid}, and {started} STARTs on record"));
            }
        }
    }

    /// The names of the messages that are parked.
    pub fn parked(&self) -> HashSet<&str> {
        let parked = self.messages.iter().filter(|message| message.status == "unconfirmed");
        parked.map(Message::uuid).collect()
    }
}

impl Audit {
    /// Notes something that is wrong.
    pub fn blame(&mut self, what: String) {
        self.violations.push(what);
    }
}

impl Message {
    /// Its name for ever; the rest of the key is the epoch.
    pub fn uuid(&self) -> &str {
        uuid_of(&self.key)
    }

    /// Whether this entry is this message, as it stands.
    fn is(&self, entry: &LedgerEntry) -> bool {
        let id = self.provider_message_id.as_ref();
        self.phone_number == entry.phone_number
            && self.content == entry.content
            && id.is_none_or(|id| *id == entry.message_id)
    }
}

/// The message of an idempotency key.
pub fn uuid_of(key: &str) -> &str {
    key.rsplit_once('-').map_or(key, |(uuid, _)| uuid)
}
