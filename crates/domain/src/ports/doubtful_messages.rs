//! Messages whose last send may or may not have happened.

use super::StoreError;
use crate::{InDoubt, ProbeBackoff, Resolution};
use async_trait::async_trait;

/// The `unconfirmed` messages of the queue, and what becomes of them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DoubtfulMessages: Send + Sync {
    /// Takes the next messages to look at, at most `limit`: those whose next
    /// look is due, longest due first. One that was parked just now is due at
    /// once. Each is then left alone for its `backoff`, by all replicas.
    ///
    /// - MUST, with any limit, get round to every message, however many others
    ///   stay in doubt.
    /// - MUST NOT give one message to two callers at a time.
    /// - MUST shorten a wait that only a clock set back can have left behind:
    ///   longer than twice the cap.
    async fn take_in_doubt(
        &self,
        limit: u32,
        backoff: &ProbeBackoff,
    ) -> Result<Vec<InDoubt>, StoreError>;

    /// Makes of a message what was decided; answers whether it was still as
    /// it was taken.
    ///
    /// - MUST change it only if it is `unconfirmed` and has the attempt and the
    ///   key epoch that it was taken with; each of the three alone must stop it.
    /// - MUST make it `sent` by a receipt only if an attempt of that number and
    ///   token is on record.
    /// - MUST let a resend rejoin the queue at its place when it falls due,
    ///   under the same key, without a try of its own.
    /// - MUST NOT let a resend start once its time is over, also not after it
    ///   was deferred or given back: it is `unconfirmed` again then.
    async fn settle(&self, doubt: &InDoubt, resolution: &Resolution) -> Result<bool, StoreError>;
}
