//! What becomes of a message in doubt: proof first, then policy.

use super::{Evidence, InDoubt, Proof};
use crate::{DeliveryPolicy, ProviderMessageId, RetryPolicy, StatusReason};
use jiff::Timestamp;
use std::time::Duration;

/// What becomes of a message in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// → `sent`: the provider accepted it.
    Sent {
        /// What says so.
        proof: Proof,
        /// The provider's id, if it gave one.
        provider_message_id: Option<ProviderMessageId>,
    },
    /// → `queued`, with the same key. The park has counted the try already.
    Resend {
        /// Wait before it is due.
        after: Duration,
        /// No START of it from then on, because the provider may have
        /// forgotten its key; `None` where a second SMS is accepted.
        until: Option<Timestamp>,
    },
    /// → `failed`: its tries are used up.
    Fail,
    /// It stays `unconfirmed` until the next look.
    Wait {
        /// What to tell an operator; `None` where nothing was found out.
        finding: Option<StatusReason>,
    },
}

impl Resolution {
    /// The word for it in `messages.status_reason`; `None` where the one that
    /// is there stays.
    #[must_use]
    pub fn reason(&self) -> Option<StatusReason> {
        match self {
            Self::Sent { proof: Proof::Receipt { .. }, .. } => Some(StatusReason::of("receipt")),
            Self::Sent { proof: Proof::LookUp, .. } => Some(StatusReason::of("look_up")),
            Self::Resend { .. } => Some(StatusReason::of("resend")),
            Self::Fail => Some(StatusReason::of("tries_used_up")),
            Self::Wait { finding } => finding.clone(),
        }
    }
}

impl StatusReason {
    /// The provider was asked for the message, and does not know it.
    pub const NOT_KNOWN_BY_PROVIDER: Self = Self::of("not_known_by_provider");
    /// The provider may have forgotten the key by now.
    pub const KEY_WINDOW_OVER: Self = Self::of("key_window_over");
}

/// What may be done about a send of unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolutionPolicy {
    /// What the operator wants where nothing keeps from a second SMS.
    pub delivery: DeliveryPolicy,
    /// How long the provider remembers an idempotency key, counted from its
    /// first START; `None` where it does not honour keys.
    pub key_window: Option<Duration>,
    /// So much before the end of that window no POST may start any more: the
    /// longest time from a START to the arrival of its POST.
    pub key_margin: Duration,
    /// Backoff, and tries after which a message is a dead letter.
    pub retry: RetryPolicy,
}

/// For so long after its last send a message is not given up while somebody
/// who may know more cannot be asked.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

impl ResolutionPolicy {
    /// What becomes of `doubt`, with `unit` drawn from `[0, 1)` for the jitter.
    #[must_use]
    pub fn decide(&self, doubt: &InDoubt, evidence: Evidence, unit: f64) -> Resolution {
        let (not_known, incomplete) = match evidence {
            Evidence::Accepted { proof, provider_message_id } => {
                return Resolution::Sent { proof, provider_message_id };
            }
            Evidence::None { not_known, incomplete } => (not_known, incomplete),
        };
        let resend = match self.leave_to_resend(doubt) {
            Some(until) => self.resend(doubt, until, unit),
            None => {
                let over = self.key_window.map(|_| StatusReason::KEY_WINDOW_OVER);
                let finding = not_known.then_some(StatusReason::NOT_KNOWN_BY_PROVIDER).or(over);
                return Resolution::Wait { finding };
            }
        };
        if doubt.tries_used < self.retry.max_tries {
            return resend;
        }
        // Who cannot be asked must not hold up a message for ever, though.
        if incomplete && !is_over(doubt.attempts.last().map(|it| it.started_at), PATIENCE, doubt) {
            return Resolution::Wait { finding: None };
        }
        Resolution::Fail
    }

    /// Whether `doubt` may be sent again, and if so, until when.
    fn leave_to_resend(&self, doubt: &InDoubt) -> Option<Option<Timestamp>> {
        if self.delivery == DeliveryPolicy::AtLeastOnce {
            return Some(None);
        }
        let usable = self.key_window?.checked_sub(self.key_margin)?;
        if is_over(doubt.key_used_since, usable, doubt) {
            return None;
        }
        let until = doubt.key_used_since?.checked_add(usable).ok()?;
        Some(Some(until))
    }

    fn resend(&self, doubt: &InDoubt, until: Option<Timestamp>, unit: f64) -> Resolution {
        let backoff = self.retry.backoff(doubt.tries_used, unit);
        // Rather early than too late.
        let left = until.and_then(|until| Duration::try_from(until.duration_since(doubt.now)).ok());
        Resolution::Resend { after: left.map_or(backoff, |left| backoff.min(left / 2)), until }
    }
}

/// Whether `time` has passed since `start`. A start that is unknown or in the
/// future, after a clock was set back, says nothing that could be relied on.
fn is_over(start: Option<Timestamp>, time: Duration, doubt: &InDoubt) -> bool {
    let passed = start.and_then(|start| Duration::try_from(doubt.now.duration_since(start)).ok());
    passed.is_none_or(|passed| passed >= time)
}

#[cfg(test)]
pub(super) mod tests;
