//! What an outcome does to the message and to the pace of all sends.

use crate::{
    BreakerPolicy, ProviderMessageId, RetryPolicy, SendOutcome, StatusReason, UnknownCause,
};
use std::time::Duration;

/// The end of one attempt, ready to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What happened on the wire.
    pub outcome: SendOutcome,
    /// What it means for the message.
    pub effect: Effect,
    /// What it means for all messages.
    pub signal: ProviderSignal,
}

/// What an outcome means for the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// → `sent`.
    Sent {
        /// The provider's id; `None` marks the receipt as malformed.
        provider_message_id: Option<ProviderMessageId>,
    },
    /// → `queued`, known not sent; costs no try.
    Requeue {
        /// Wait before it is due again; zero keeps it due.
        after: Duration,
        /// Why it was not sent.
        reason: StatusReason,
    },
    /// → `failed`: a dead letter.
    Fail {
        /// Why.
        reason: StatusReason,
    },
    /// → `unconfirmed`; costs a try and counts as an unknown outcome.
    Park {
        /// Why.
        reason: StatusReason,
    },
}

/// What an outcome tells of the provider as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderSignal {
    /// Nothing: we never reached it (a release), or someone else judges.
    Silent,
    /// It answers as it should.
    Alive,
    /// It failed, not often enough to stop for; ends a probe, though.
    Failing {
        /// How it failed.
        reason: StatusReason,
        /// How long to stop if this was a probe.
        policy: BreakerPolicy,
    },
    /// It wants all of us to slow down.
    SlowDown {
        /// For how long no send may start.
        wait: Duration,
    },
    /// Stop sending: the breaker opens.
    Trip {
        /// What to tell the operator.
        reason: StatusReason,
        /// How long to stop.
        policy: BreakerPolicy,
    },
}

impl Effect {
    /// What `outcome` means for a message, after `tries` that count for its
    /// backoff, with `unit` drawn from `[0, 1)` for the jitter.
    #[must_use]
    pub fn of(outcome: &SendOutcome, tries: u32, retry: &RetryPolicy, unit: f64) -> Self {
        let backoff = retry.backoff(tries, unit);
        let wait = |asked: &Option<Duration>| {
            asked.map_or(backoff, |asked| backoff.max(retry.clamp_retry_after(asked)))
        };
        match outcome {
            SendOutcome::Accepted { provider_message_id, .. } => {
                Self::Sent { provider_message_id: provider_message_id.clone() }
            }
            SendOutcome::NotSent { retry_after, http_status: Some(_), .. }
            | SendOutcome::RateLimited { retry_after, .. } => Self::Requeue {
                after: wait(retry_after),
                reason: StatusReason::for_outcome(outcome),
            },
            // Every other message would meet the same: this one keeps its
            // place, and the breaker does the waiting.
            SendOutcome::NotSent { http_status: None, .. } | SendOutcome::Misconfigured { .. } => {
                Self::Requeue { after: Duration::ZERO, reason: StatusReason::for_outcome(outcome) }
            }
            SendOutcome::Refused { .. } => {
                Self::Fail { reason: StatusReason::for_outcome(outcome) }
            }
            SendOutcome::Unknown { .. } => {
                Self::Park { reason: StatusReason::for_outcome(outcome) }
            }
        }
    }
}

impl StatusReason {
    /// The word that stands for `outcome` in `messages.status_reason`.
    #[must_use]
    pub fn for_outcome(outcome: &SendOutcome) -> Self {
        match outcome {
            SendOutcome::Accepted { provider_message_id: Some(_), .. } => Self::of("accepted"),
            SendOutcome::Accepted { .. } => Self::RECEIPT_MALFORMED,
            SendOutcome::NotSent { reason, http_status: None, .. } => {
                Self::of_owned(format!("not_sent_{reason}"))
            }
            SendOutcome::NotSent { http_status: Some(status), .. } => {
                Self::with_http_status("not_sent", *status)
            }
            SendOutcome::RateLimited { http_status, .. } => {
                Self::with_http_status("rate_limited", *http_status)
            }
            SendOutcome::Refused { http_status } => Self::with_http_status("refused", *http_status),
            SendOutcome::Misconfigured { http_status } => {
                Self::with_http_status("misconfigured", *http_status)
            }
            SendOutcome::Unknown { cause: UnknownCause::Status, http_status: Some(status) } => {
                Self::with_http_status("unknown", *status)
            }
            SendOutcome::Unknown { cause, .. } => {
                Self::of_owned(format!("unknown_{}", cause.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: RetryPolicy =
        RetryPolicy { base: Duration::from_secs(30), cap: Duration::from_secs(3600), max_tries: 8 };

    fn effect(outcome: &SendOutcome) -> Effect {
        Effect::of(outcome, 1, &RETRY, 0.5)
    }

    #[test]
    fn an_acceptance_without_an_id_is_still_sent() {
        let outcome = SendOutcome::Accepted { provider_message_id: None, http_status: 200 };
        assert_eq!(effect(&outcome), Effect::Sent { provider_message_id: None });
    }

    #[test]
    fn a_rate_limit_waits_for_the_longer_of_backoff_and_retry_after() {
        for (asked, expected) in [(None, 15), (Some(2), 15), (Some(120), 120), (Some(86_400), 3600)]
        {
            let outcome = SendOutcome::RateLimited {
                http_status: 429,
                retry_after: asked.map(Duration::from_secs),
            };
            let Effect::Requeue { after, reason } = effect(&outcome) else { panic!("requeue") };
            assert_eq!(after.as_secs(), expected);
            assert_eq!(reason.as_str(), "rate_limited_429");
        }
    }

    #[test]
    fn a_provider_out_of_reach_costs_no_message_its_place() {
        let not_sent = |http_status| SendOutcome::NotSent {
            reason: "connect_failed".to_owned(),
            http_status,
            retry_after: None,
        };
        let wait = |outcome| match effect(&outcome) {
            Effect::Requeue { after, .. } => after.as_secs(),
            effect => panic!("{effect:?}"),
        };
        assert_eq!((wait(not_sent(None)), wait(not_sent(Some(503)))), (0, 15));
    }

    #[test]
    fn a_wrong_token_keeps_the_message_at_its_place() {
        let outcome = SendOutcome::Misconfigured { http_status: 401 };
        let Effect::Requeue { after, reason } = effect(&outcome) else { panic!("requeue") };
        assert_eq!((after, reason.as_str()), (Duration::ZERO, "misconfigured_401"));
    }

    #[test]
    fn a_refusal_is_a_dead_letter_with_the_providers_code() {
        let reason = StatusReason::of("refused_422");
        assert_eq!(effect(&SendOutcome::Refused { http_status: 422 }), Effect::Fail { reason });
    }

    #[test]
    fn an_unknown_outcome_parks_the_message() {
        let outcome = SendOutcome::Unknown { cause: UnknownCause::Status, http_status: Some(503) };
        assert_eq!(effect(&outcome), Effect::Park { reason: StatusReason::of("unknown_503") });
        let outcome = SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None };
        assert_eq!(effect(&outcome), Effect::Park { reason: StatusReason::of("unknown_timeout") });
    }
}
