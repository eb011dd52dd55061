//! The circuit breaker: a broken provider must not drain the queue.

use crate::{LeaseToken, OutcomeClass, ProviderSignal, SendOutcome, StatusReason};
use jiff::Timestamp;
use std::time::Duration;

/// When the breaker opens and for how long.
///
/// A send that did not happen costs nothing, so it may be tried often. A send
/// of unknown outcome parks a message, and so does each probe that ends like
/// this: it opens sooner and for longer, so that a provider that is dead for an
/// hour costs fewer than ten messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it.
    pub threshold: u32,
    /// Acceptances in a row without a message id that open it: a wrong URL
    /// may answer 200 to anything. `None`: this provider never gives one, and
    /// that tells nothing.
    pub malformed_threshold: Option<u32>,
    /// How long it stays open the first time; doubles with each failed probe.
    pub open_for: Duration,
    /// The longest it stays open.
    pub open_cap: Duration,
    /// As `threshold`, when the last of them is a send of unknown outcome.
    pub unknown_threshold: u32,
    /// As `open_for`, after a send of unknown outcome.
    pub unknown_open_for: Duration,
    /// As `open_cap`, after a send of unknown outcome.
    pub unknown_open_cap: Duration,
}

/// Five failures, 30 s doubling to 10 minutes; three malformed receipts; three
/// unknown outcomes, 1 minute doubling to 30 minutes.
impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            threshold: 5,
            malformed_threshold: Some(3),
            open_for: Duration::from_secs(30),
            open_cap: Duration::from_secs(600),
            unknown_threshold: 3,
            unknown_open_for: Duration::from_secs(60),
            unknown_open_cap: Duration::from_secs(1800),
        }
    }
}

impl BreakerPolicy {
    /// This policy as it is for failures of `class`.
    fn towards(&self, class: OutcomeClass) -> Self {
        match class {
            OutcomeClass::Unknown => Self {
                threshold: self.unknown_threshold,
                open_for: self.unknown_open_for,
                open_cap: self.unknown_open_cap,
                ..*self
            },
            OutcomeClass::Accepted => {
                Self { threshold: self.malformed_threshold.unwrap_or(u32::MAX), ..*self }
            }
            _ => *self,
        }
    }

    fn open_time(&self, openings: u32) -> Duration {
        let doublings = openings.saturating_sub(1).min(31);
        self.open_for.saturating_mul(1 << doublings).min(self.open_cap)
    }

    /// What `outcome` tells, given what this replica saw before it.
    #[must_use]
    pub fn judge(&self, seen: &mut ProviderRecord, outcome: &SendOutcome) -> ProviderSignal {
        seen.note(outcome);
        let reason = StatusReason::for_outcome(outcome);
        let policy = self.towards(outcome.class());
        let in_a_row = match outcome.class() {
            OutcomeClass::Misconfigured => return ProviderSignal::Trip { reason, policy },
            OutcomeClass::NotSent | OutcomeClass::Unknown => seen.failures,
            OutcomeClass::Accepted if self.malformed_threshold.is_some() => seen.malformed,
            OutcomeClass::Accepted | OutcomeClass::Refused | OutcomeClass::RateLimited => 0,
        };
        match in_a_row {
            0 => ProviderSignal::Alive,
            n if n >= policy.threshold => {
                // What has opened the breaker once does not open it again after
                // somebody else's probe has closed it; a probe needs no count.
                (seen.failures, seen.malformed) = (0, 0);
                ProviderSignal::Trip { reason, policy }
            }
            _ => ProviderSignal::Failing { reason, policy },
        }
    }
}

/// What one replica saw of the provider lately: where no send goes through the
/// shared row, that row is written on transitions only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProviderRecord {
    failures: u32,
    malformed: u32,
    rate_limited: u32,
}

impl ProviderRecord {
    /// How many answers in a row told us to slow down.
    #[must_use]
    pub fn rate_limited_in_a_row(&self) -> u32 {
        self.rate_limited
    }

    fn note(&mut self, outcome: &SendOutcome) {
        match outcome {
            SendOutcome::NotSent { .. } | SendOutcome::Unknown { .. } => self.failures += 1,
            SendOutcome::Accepted { provider_message_id: None, .. } => {
                *self = Self { malformed: self.malformed + 1, ..Self::default() };
            }
            SendOutcome::Accepted { .. } => *self = Self::default(),
            // A provider that says no in its own words is no wrong URL.
            SendOutcome::Refused { .. } | SendOutcome::Misconfigured { .. } => {
                *self = Self::default();
            }
            SendOutcome::RateLimited { .. } => {
                *self = Self { rate_limited: self.rate_limited + 1, ..Self::default() };
            }
        }
    }
}

/// The breaker's state, shared by all replicas on the control row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Breaker {
    /// `None`: closed, sends flow.
    pub open: Option<OpenBreaker>,
    /// Failures in a row over all replicas, as far as their sends go through
    /// this row: ten replicas must not lose ten times as many messages as one.
    pub failures: u32,
}

/// An open breaker; past `until` it is half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBreaker {
    /// No send starts before this.
    pub until: Timestamp,
    /// How often it has opened since it was last closed.
    pub openings: u32,
    /// What opened it.
    pub reason: StatusReason,
    /// The one send that may find out whether the provider is back.
    pub probe: Option<Probe>,
}

/// The one send that an open breaker lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Claim of that send.
    pub token: LeaseToken,
    /// End of its lease: past it another probe may start.
    pub until: Timestamp,
}

impl Breaker {
    /// Until when no send may start; `None` when one may.
    #[must_use]
    pub fn blocked_until(&self, now: Timestamp) -> Option<Timestamp> {
        let open = self.open.as_ref()?;
        let probe = open.probe.map(|probe| probe.until);
        Some(open.until.max(probe.unwrap_or(open.until))).filter(|until| *until > now)
    }

    /// Whether the next send is a probe.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Ends waits that only a clock set back can have made so long; tells
    /// whether there was one.
    pub(crate) fn mend_clock(&mut self, now: Timestamp, longest: Duration) -> bool {
        let Some(open) = &mut self.open else { return false };
        let too_far = |until: Timestamp| until > now + longest;
        let mended = too_far(open.until) || open.probe.is_some_and(|probe| too_far(probe.until));
        if mended {
            open.until = open.until.min(now);
            open.probe = None;
        }
        mended
    }

    /// Lets the next send be the probe, however long the breaker was to stay
    /// open. A probe in flight is still the only one, and a failed one doubles
    /// the wait as ever.
    pub(crate) fn probe_now(&mut self, now: Timestamp) {
        if let Some(open) = &mut self.open {
            open.until = open.until.min(now);
        }
    }

    pub(crate) fn probing(&mut self, probe: Probe) {
        if let Some(open) = &mut self.open {
            open.probe = Some(probe);
        }
    }

    /// Takes in what the send of `token` told.
    pub(crate) fn heard(&mut self, now: Timestamp, token: LeaseToken, signal: &ProviderSignal) {
        let was_probe = self.end_probe(token);
        match signal {
            ProviderSignal::Trip { reason, policy } => self.trip(now, was_probe, reason, policy),
            ProviderSignal::Failing { reason, policy } => {
                // A receipt without an id is no failed send; each replica counts its own.
                let accepted = *reason == StatusReason::RECEIPT_MALFORMED;
                self.failures = if accepted { 0 } else { self.failures.saturating_add(1) };
                if was_probe || self.failures >= policy.threshold {
                    self.trip(now, was_probe, reason, policy);
                }
            }
            ProviderSignal::Alive | ProviderSignal::SlowDown { .. } => {
                self.failures = 0;
                self.open.take_if(|_| was_probe);
            }
            ProviderSignal::Silent => {}
        }
    }

    fn end_probe(&mut self, token: LeaseToken) -> bool {
        let Some(open) = &mut self.open else { return false };
        let ours = open.probe.is_some_and(|probe| probe.token == token);
        if ours {
            open.probe = None;
        }
        ours
    }

    fn trip(
        &mut self,
        now: Timestamp,
        was_probe: bool,
        reason: &StatusReason,
        policy: &BreakerPolicy,
    ) {
        self.failures = 0;
        let before = self.open.as_ref();
        // Sends that were in flight when it opened must not double its time.
        if before.is_some() && !was_probe {
            return;
        }
        let openings = before.map_or(1, |open| open.openings.saturating_add(1));
        self.open = Some(OpenBreaker {
            until: now + policy.open_time(openings),
            openings,
            reason: reason.clone(),
            probe: before.and_then(|open| open.probe),
        });
    }
}

#[cfg(test)]
mod tests;
