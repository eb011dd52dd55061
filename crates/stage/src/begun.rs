//! What has begun up to a moment: nothing more may, once a stop has answered
//! (P8). Counted, not read off the times on record: a START that commits late
//! has an early time.

use super::{Stage, store::Store};

/// How much has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// STARTs on record.
    pub starts: i64,
    /// POSTs that have arrived.
    pub posts: usize,
}

impl<S: Store> Stage<S> {
    /// How much has begun by now.
    pub async fn begun(&self) -> Begun {
        let starts = self.number("SELECT count(*) FROM attempts").await;
        Begun { starts, posts: self.provider.requests().len() }
    }

    /// How many sends the replica of this name has begun.
    pub async fn starts_of(&self, instance: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM attempts WHERE instance = '{instance}'")).await
    }
}
