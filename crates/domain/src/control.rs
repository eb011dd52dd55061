//! When a send may start: the one rule that all replicas share.
//!
//! A store keeps one [`ControlState`] for all replicas. To start sends it
//! locks that state, asks [`ControlState::admit`], claims at most as many
//! messages as it was admitted, tells [`ControlState::started`], and saves.
//! The rule lives here once; each adapter brings only the lock.

use crate::{Breaker, DispatchPolicy, LeaseToken, Probe, ProviderSignal};
use jiff::Timestamp;
use std::time::Duration;

/// What all replicas share about starting sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlState {
    /// Cleared by an operator's stop; survives restarts.
    pub enabled: bool,
    /// The pace that all obey.
    pub policy: DispatchPolicy,
    /// Starts left of the current batch.
    pub quota_left: u32,
    /// From when on a new batch may begin.
    pub next_tick_at: Timestamp,
    /// The send in flight, with strict order.
    pub busy: Option<Busy>,
    /// The provider asked all of us to wait until then.
    pub throttled_until: Option<Timestamp>,
    /// The circuit breaker.
    pub breaker: Breaker,
}

/// With strict order, the one send in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// Claim of that send.
    pub token: LeaseToken,
    /// End of its lease.
    pub until: Timestamp,
    /// Length of that lease, as its owner set it.
    pub lease: Duration,
}

/// Leave to start sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// Most sends that may start now; at least one.
    pub max: u32,
}

/// Why no send may start, and when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// The reason.
    pub reason: HoldReason,
    /// How long it holds at least, if that is known.
    pub for_at_least: Option<Duration>,
}

/// Why no send may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// An operator stopped processing.
    Stopped,
    /// The breaker is open, or its probe is in flight.
    BreakerOpen,
    /// The provider asked us to wait.
    Throttled,
    /// Another send is in flight and order is strict.
    Busy,
    /// This window's batch has started.
    QuotaUsed,
}

impl HoldReason {
    /// A word for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::BreakerOpen => "breaker_open",
            Self::Throttled => "throttled",
            Self::Busy => "busy",
            Self::QuotaUsed => "quota_used",
        }
    }
}

/// A time on the control row that cannot be right: the clock was set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockAlarm {
    /// `next_tick_at` lay more than two periods ahead.
    NextTickTooFar,
    /// `busy_until` lay more than two leases ahead.
    BusyTooLong,
    /// A throttle or the breaker would have held for more than a day.
    HoldTooLong,
}

/// No throttle, breaker or probe holds longer than this.
const LONGEST_HOLD: Duration = Duration::from_secs(86_400);

impl ClockAlarm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NextTickTooFar, Self::BusyTooLong, Self::HoldTooLong];

    /// A word for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NextTickTooFar => "next_tick_too_far",
            Self::BusyTooLong => "busy_too_long",
            Self::HoldTooLong => "hold_too_long",
        }
    }
}

impl ControlState {
    /// A new queue: enabled, and its first batch may begin at once.
    #[must_use]
    pub fn new(policy: DispatchPolicy) -> Self {
        Self {
            enabled: true,
            policy,
            quota_left: 0,
            next_tick_at: Timestamp::UNIX_EPOCH,
            busy: None,
            throttled_until: None,
            breaker: Breaker::default(),
        }
    }

    /// An operator starts or stops sending; tells what it was before. A start
    /// says that what was wrong is mended: an open breaker probes at once. It
    /// does not shorten what the provider asked for.
    pub fn switch(&mut self, now: Timestamp, enabled: bool) -> bool {
        if enabled {
            self.breaker.probe_now(now);
        }
        std::mem::replace(&mut self.enabled, enabled)
    }

    /// Whether START and completion must go through the locked control row.
    /// Where not, sends flow without any row that all replicas wait for.
    #[must_use]
    pub fn is_paced(&self, now: Timestamp) -> bool {
        self.policy.has_quota()
            || self.policy.is_strict()
            || self.breaker.is_open()
            || self.throttled_until.is_some_and(|until| until > now)
    }

    /// May up to `want` sends start now? Opens a new batch when its time has
    /// come; save the state only if something is then started, so that an
    /// empty queue spends no tick.
    ///
    /// # Errors
    /// The [`Hold`] that forbids it.
    pub fn admit(&mut self, now: Timestamp, want: u32) -> Result<Admission, Hold> {
        self.hold(now).map_or(Ok(()), Err)?;
        self.count_the_lost_send(now);
        if self.policy.has_quota() && now >= self.next_tick_at {
            // Sets, never adds: missed ticks are not made up.
            self.quota_left = self.policy.batch_size.get();
        }
        let max = if self.policy.has_quota() { want.min(self.quota_left) } else { want };
        let max = if self.policy.is_strict() || self.breaker.is_open() { max.min(1) } else { max };
        if max == 0 {
            return Err(Hold::until(HoldReason::QuotaUsed, now, self.next_tick_at));
        }
        Ok(Admission { max })
    }

    /// With strict order, a send whose owner vanished may have reached the
    /// provider as late as the end of its lease: its interval counts from there.
    fn count_the_lost_send(&mut self, now: Timestamp) {
        let lost = self.busy.filter(|busy| self.policy.is_strict() && busy.until <= now);
        if let Some(busy) = lost.filter(|_| self.policy.has_quota()) {
            self.next_tick_at = self.next_tick_at.max(busy.until + self.policy.period);
        }
    }

    fn hold(&self, now: Timestamp) -> Option<Hold> {
        if !self.enabled {
            return Some(Hold { reason: HoldReason::Stopped, for_at_least: None });
        }
        let busy = self.busy.filter(|_| self.policy.is_strict()).map(|busy| busy.until);
        [
            (HoldReason::BreakerOpen, self.breaker.blocked_until(now)),
            (HoldReason::Throttled, self.throttled_until),
            (HoldReason::Busy, busy),
        ]
        .into_iter()
        .find_map(|(reason, until)| {
            until.filter(|until| *until > now).map(|until| Hold::until(reason, now, until))
        })
    }

    /// `count` sends of claim `token` start now.
    pub fn started(&mut self, now: Timestamp, count: u32, token: LeaseToken, lease: Duration) {
        let until = now + lease;
        if self.policy.has_quota() {
            self.quota_left = self.quota_left.saturating_sub(count);
        }
        self.push_tick(now);
        if self.policy.is_strict() {
            self.busy = Some(Busy { token, until, lease });
        }
        self.breaker.probing(Probe { token, until });
    }

    /// Whether this state waits for the end of claim `token`.
    #[must_use]
    pub fn awaits(&self, token: LeaseToken) -> bool {
        let probe = self.breaker.open.as_ref().and_then(|open| open.probe);
        self.busy.is_some_and(|busy| busy.token == token)
            || probe.is_some_and(|probe| probe.token == token)
    }

    /// The send of claim `token` ended, or was given back without a POST.
    ///
    /// The next batch begins one interval after the last send of this one
    /// *ended*: a slow provider then sees no more than the quota either.
    pub fn finished(&mut self, now: Timestamp, token: LeaseToken, signal: &ProviderSignal) {
        if self.busy.is_some_and(|busy| busy.token == token) {
            self.busy = None;
        }
        self.push_tick(now);
        self.breaker.heard(now, token, signal);
        if let ProviderSignal::SlowDown { wait } = signal {
            // No longer than what `mend_clock` takes for a wish, not a fault.
            let until = now + (*wait).min(LONGEST_HOLD);
            self.throttled_until = self.throttled_until.max(Some(until));
        }
    }

    fn push_tick(&mut self, now: Timestamp) {
        if self.policy.has_quota() {
            self.next_tick_at = self.next_tick_at.max(now + self.policy.period);
        }
    }

    /// Takes over the pace of the replica that started last.
    ///
    /// The last send keeps its distance: the next batch begins one *new*
    /// interval after it, be that sooner or later than the old tick.
    ///
    /// `leased_until` is when the last lease of what is in flight ends: sends
    /// that began without an order must be over before strict order begins.
    pub fn install(
        &mut self,
        now: Timestamp,
        policy: DispatchPolicy,
        leased_until: Option<Timestamp>,
    ) {
        let old = std::mem::replace(&mut self.policy, policy);
        if policy.is_strict() && !old.is_strict() {
            self.busy = leased_until.filter(|until| *until > now).map(|until| Busy {
                // Nobody's: no single completion may end the wait.
                token: LeaseToken(uuid::Uuid::nil()),
                until,
                lease: Duration::try_from(until.duration_since(now)).unwrap_or_default(),
            });
        }
        if (old.period, old.batch_size) == (policy.period, policy.batch_size) {
            return;
        }
        self.quota_left = 0;
        let last_send = if old.has_quota() { self.next_tick_at - old.period } else { now };
        self.next_tick_at = last_send.min(now) + policy.period;
    }

    /// Mends times that only a clock set back can have left behind: the
    /// service must not stand still for years.
    #[must_use]
    pub fn mend_clock(&mut self, now: Timestamp) -> Vec<ClockAlarm> {
        let mut alarms = Vec::new();
        // With no quota the tick means nothing, and nothing is wrong.
        if self.policy.has_quota() && self.next_tick_at > now + self.policy.period * 2 {
            self.next_tick_at = now + self.policy.period;
            alarms.push(ClockAlarm::NextTickTooFar);
        }
        // Nor does anybody wait for the send in flight without strict order.
        if self.policy.is_strict()
            && let Some(busy) = &mut self.busy
            && busy.until > now + busy.lease * 2
        {
            busy.until = now + busy.lease;
            alarms.push(ClockAlarm::BusyTooLong);
        }
        if self.throttled_until.is_some_and(|until| until > now + LONGEST_HOLD) {
            self.throttled_until = None;
            alarms.push(ClockAlarm::HoldTooLong);
        }
        if self.breaker.mend_clock(now, LONGEST_HOLD) {
            alarms.push(ClockAlarm::HoldTooLong);
        }
        alarms
    }
}

impl Hold {
    fn until(reason: HoldReason, now: Timestamp, until: Timestamp) -> Self {
        let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        Self { reason, for_at_least: Some(wait) }
    }
}

#[cfg(test)]
mod tests;
