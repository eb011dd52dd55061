//! Messages in doubt: what is known of one, what was found out about it, and
//! what follows.

mod evidence;
mod policy;

pub use evidence::{CachedReceipt, Evidence, LookUp, Proof};
pub use policy::{Resolution, ResolutionPolicy};

use crate::{IdempotencyKey, LeaseToken, MessageId, StatusReason};
use jiff::Timestamp;
use uuid::Uuid;

/// An `unconfirmed` message: its last send may or may not have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InDoubt {
    /// Row id.
    pub id: MessageId,
    /// Names the row for ever.
    pub uuid: Uuid,
    /// Of its idempotency key.
    pub key_epoch: i32,
    /// The number of its last START; fences what is made of it.
    pub attempt: i32,
    /// Its sends of unknown outcome, oldest first.
    pub attempts: Vec<DoubtfulAttempt>,
    /// Sends of unknown outcome that were counted.
    pub tries_used: u32,
    /// When the first START with this key was committed; `None` when that is
    /// not on record.
    pub key_used_since: Option<Timestamp>,
    /// Why it is in doubt.
    pub reason: StatusReason,
    /// The store's time when it was taken.
    pub now: Timestamp,
}

impl InDoubt {
    /// The key of every POST of this message.
    #[must_use]
    pub fn key(&self) -> IdempotencyKey {
        IdempotencyKey::new(self.uuid, self.key_epoch)
    }
}

/// A send that may or may not have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoubtfulAttempt {
    /// Its number.
    pub attempt: i32,
    /// Of its claim.
    pub token: LeaseToken,
    /// When its START was committed.
    pub started_at: Timestamp,
}

/// How long an `unconfirmed` message is left alone after each look at it:
/// `min(cap, base × 2ⁿ)` after `n` looks before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeBackoff {
    /// After the first look.
    pub base: std::time::Duration,
    /// At most; at least `base`.
    pub cap: std::time::Duration,
}

impl ProbeBackoff {
    /// The wait after a look that had `looks` before it.
    #[must_use]
    pub fn after(&self, looks: u32) -> std::time::Duration {
        self.base.saturating_mul(1 << looks.min(31)).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_message_is_looked_at_less_and_less_often() {
        let backoff = ProbeBackoff { base: Duration::from_secs(30), cap: Duration::from_secs(100) };
        let seconds: Vec<_> = [0, 1, 2, 9, u32::MAX].map(|n| backoff.after(n).as_secs()).into();
        assert_eq!(seconds, [30, 60, 100, 100, 100]);
    }
}
