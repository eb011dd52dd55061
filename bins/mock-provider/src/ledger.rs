//! What the provider has accepted: append-only, in the order of acceptance.

use std::{collections::HashMap, io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{clock, ledger_file::LedgerFile, message::Message, rfc3339};

/// One message that the provider has accepted: it would reach its phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// The header `Idempotency-Key` of the POST that was accepted.
    pub idempotency_key: Option<String>,
    /// To whom.
    pub phone_number: String,
    /// What.
    pub content: String,
    /// The id given to it: a UUID.
    pub message_id: String,
    /// When it was accepted, to the microsecond.
    #[serde(with = "rfc3339")]
    pub accepted_at: Timestamp,
}

/// The id of an accepted message, and whether it was accepted before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) message_id: String,
    pub(crate) replayed: bool,
}

/// The entries, where their keys point, and the file that outlives the process.
pub(crate) struct Ledger {
    entries: Vec<LedgerEntry>,
    /// The first message id of each key; left empty when keys are ignored.
    by_key: HashMap<String, String>,
    honours_keys: bool,
    file: Option<LedgerFile>,
}

impl Ledger {
    /// An empty ledger, or the one that `path` holds.
    pub(crate) fn open(path: Option<&Path>, honours_keys: bool) -> anyhow::Result<Self> {
        let (file, entries) = match path {
            Some(path) => LedgerFile::open(path).map(|(file, entries)| (Some(file), entries))?,
            None => (None, Vec::new()),
        };
        let mut ledger = Self {
            entries: Vec::with_capacity(entries.len()),
            by_key: HashMap::new(),
            honours_keys,
            file,
        };
        entries.into_iter().for_each(|entry| ledger.remember(entry));
        Ok(ledger)
    }

    /// Accepts a message, or finds the one that was accepted under its key before. On an error nothing is accepted.
    pub(crate) fn accept(
        &mut self,
        key: Option<&str>,
        message: &Message,
    ) -> io::Result<Acceptance> {
        if let Some(message_id) = key.and_then(|key| self.by_key.get(key)) {
            return Ok(Acceptance { message_id: message_id.clone(), replayed: true });
        }
        let entry = LedgerEntry {
            idempotency_key: key.map(str::to_owned),
            phone_number: message.phone_number.clone(),
            content: message.content.clone(),
            message_id: Uuid::new_v4().to_string(),
            accepted_at: clock::now(),
        };
        if let Some(file) = &mut self.file {
            file.append(&entry)?;
        }
        let message_id = entry.message_id.clone();
        self.remember(entry);
        Ok(Acceptance { message_id, replayed: false })
    }

    pub(crate) fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// Lets go of the file, so that another provider may open it.
    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    fn remember(&mut self, entry: LedgerEntry) {
        if let Some(key) = entry.idempotency_key.clone().filter(|_| self.honours_keys) {
            self.by_key.entry(key).or_insert_with(|| entry.message_id.clone());
        }
        self.entries.push(entry);
    }
}
