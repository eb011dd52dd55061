//! Every POST that arrived, whatever became of it.

use jiff::Timestamp;
use serde::Serialize;

use crate::rfc3339;

/// One `POST /send`, in the order in which their headers arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Arrival {
    /// Counted from 1.
    pub number: usize,
    /// When its headers had been read.
    #[serde(serialize_with = "rfc3339::serialize")]
    pub arrived_at: Timestamp,
    /// The header `Idempotency-Key`; an empty one counts as none.
    pub idempotency_key: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The id under which the ledger has it, told to the client or not.
    pub message_id: Option<String>,
    /// The behaviour it met, in the words of the script grammar; `None` for one that no script has seen.
    pub behaviour: Option<String>,
    /// To whom, if the body could be read.
    pub phone_number: Option<String>,
    /// What, if the body could be read.
    pub content: Option<String>,
}

impl Arrival {
    /// Whether the ledger has this message, from this POST or an earlier one with the same key.
    #[must_use]
    pub fn accepted(&self) -> bool {
        matches!(self.outcome, Outcome::Accepted | Outcome::Replayed)
    }
}

/// What became of a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its body is still on the way, or the client left before it was whole.
    Incomplete,
    /// Not accepted: by the script, a wrong token or a broken body.
    Refused,
    /// A new entry of the ledger.
    Accepted,
    /// Accepted before, under the same idempotency key: no new entry.
    Replayed,
}
