//! How large a model is, and what may happen in it.

use crate::time::{self, Steps};
use dispatcher_domain::{DeliveryPolicy, DispatchPolicy, Ordering, ResolutionPolicy, RetryPolicy};
use std::num::NonZeroU32;

/// Most messages of any scope.
pub(crate) const MESSAGES: usize = 3;
/// Most STARTs of one message.
pub(crate) const ATTEMPTS: usize = 3;

/// What is played. Whatever is not bounded here happens as often as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// What it is called.
    pub name: &'static str,
    /// Messages, oldest first; at most 3.
    pub messages: u8,
    /// Messages up to this one go to one recipient, the others to one each.
    pub same_recipient: u8,
    /// STARTs of one message; at most 3.
    pub attempts: u8,
    /// In which order.
    pub ordering: Ordering,
    /// Starts in a window; at most 2.
    pub batch: u8,
    /// Length of the window in steps; 0: no quota.
    pub period: u8,
    /// What becomes of unknown outcomes.
    pub delivery: DeliveryPolicy,
    /// Whether the provider honours keys, and the replicas know it.
    pub idempotent: bool,
    /// Whether somebody stops and starts the sending.
    pub stops: bool,
    /// How many decisions operators make.
    pub decisions: u8,
    /// Whether the answer to START's COMMIT may be lost.
    pub lost_commits: bool,
    /// Whether a POST may be on its way for longer than its deadline. Then the
    /// promises about what the provider sees, and when, are not given.
    pub late_posts: bool,
    /// Whether receipts are kept.
    pub receipts: bool,
    /// Whether it is checked in each state that all come to an end in calm.
    pub calm: bool,
}

impl Scope {
    /// Two messages in strict order, two in a window.
    pub(crate) const STRICT: Self = Self {
        name: "strict",
        messages: 2,
        same_recipient: 0,
        attempts: 2,
        ordering: Ordering::Strict,
        batch: 2,
        period: 2,
        delivery: DeliveryPolicy::AtMostOnce,
        idempotent: false,
        stops: false,
        decisions: 0,
        lost_commits: false,
        late_posts: false,
        receipts: false,
        calm: false,
    };

    /// Many at once, no quota.
    pub(crate) const FREE: Self =
        Self { name: "free", ordering: Ordering::None, period: 0, batch: 1, ..Self::STRICT };

    pub(crate) fn pace(&self) -> DispatchPolicy {
        DispatchPolicy {
            batch_size: NonZeroU32::new(u32::from(self.batch)).unwrap_or(NonZeroU32::MIN),
            period: time::length(self.period()),
            ordering: self.ordering,
        }
    }

    pub(crate) fn period(&self) -> Steps {
        Steps::try_from(self.period).unwrap_or(Steps::MAX)
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.ordering == Ordering::Strict
    }

    /// Whether START holds the row that all wait for, or only the gate.
    pub(crate) fn is_gated(&self) -> bool {
        !self.is_strict() && self.period == 0
    }

    pub(crate) fn recipient(&self, message: usize) -> usize {
        if message < usize::from(self.same_recipient) { 0 } else { message + 1 }
    }

    /// Waits are drawn from zero on; here each is the shortest.
    pub(crate) fn retry() -> RetryPolicy {
        RetryPolicy { base: time::length(1), cap: time::length(1), max_tries: 2 }
    }

    pub(crate) fn resolution(&self, margin: bool) -> ResolutionPolicy {
        ResolutionPolicy {
            delivery: self.delivery,
            key_window: self.idempotent.then(|| time::length(time::KEY_WINDOW)),
            key_margin: time::length(if margin { time::LEASE } else { 0 }),
            retry: Self::retry(),
        }
    }
}
