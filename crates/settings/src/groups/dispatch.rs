//! Pace, order and patience of sending.

use super::provider::ProviderSettings;
use crate::{
    parse::{self, Parsed, duration},
    reader::Reader,
    variables::{
        BATCH_SIZE, DELIVERY_POLICY, LEASE, MAX_CONTENT_LENGTH, MAX_IN_FLIGHT, MAX_RATE, ORDERING,
        PROCESSING_INTERVAL, RESCUE_GRACE, RETRY_BASE, RETRY_CAP, RETRY_MAX_TRIES, SEND_TIMEOUT,
        SHUTDOWN_TIMEOUT, START_STOPPED,
    },
};
use dispatcher_domain::{
    BreakerPolicy, DeliveryPolicy, DispatchPolicy, MessageLimits, Ordering, RetryPolicy,
};
use std::{num::NonZeroU32, time::Duration};

/// How much longer than the longest send a lease must be at least: time to
/// claim before the send and to record after it.
pub const LEASE_MARGIN: Duration = Duration::from_secs(1);

/// Pace, order and patience of sending.
#[derive(Debug, Clone, PartialEq)]
pub struct DispatchSettings {
    /// Quota, interval and order, shared by all instances.
    pub policy: DispatchPolicy,
    /// How long a claimed message belongs to its instance; at least
    /// [`LEASE_MARGIN`] longer than the longest send.
    pub lease: Duration,
    /// Wait after the end of a lease before the message is taken over.
    pub rescue_grace: Duration,
    /// Sends at once in this instance, 1 to 1024.
    pub max_in_flight: NonZeroU32,
    /// Pace of this instance, if limited.
    pub max_rate: Option<MaxRate>,
    /// Waits between tries, and their number.
    pub retry: RetryPolicy,
    /// When a failing provider is left alone; has no variables in this version.
    pub breaker: BreakerPolicy,
    /// The start of a process is an operator's stop.
    pub start_stopped: bool,
    /// Longest wait for sends in flight at shutdown; not zero.
    pub shutdown_timeout: Duration,
    /// What counts as a valid message.
    pub limits: MessageLimits,
    /// What happens after an unknown outcome.
    pub delivery_policy: DeliveryPolicy,
}

/// Messages per second of one instance, 0.001 to 10 000.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct MaxRate(f64);

impl MaxRate {
    /// Messages per second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.0
    }

    /// Time from one start to the next, 0.1 ms to 1000 s.
    #[must_use]
    pub fn interval(self) -> Duration {
        Duration::from_secs_f64(self.0.recip())
    }

    fn parse(text: &str) -> Parsed<Self> {
        let decimal = text.trim();
        let plain = decimal.chars().all(|c| c.is_ascii_digit() || c == '.');
        let rate = decimal.parse().ok().filter(|rate| (0.001..=10_000.0).contains(rate));
        rate.filter(|_| plain).map(Self).ok_or_else(|| {
            "must be messages per second, a decimal number from 0.001 to 10000 such as 2.5"
                .to_owned()
        })
    }
}

/// `provider` is read before, because the lease depends on its deadline.
pub(crate) fn read(reader: &mut Reader, provider: &ProviderSettings) -> DispatchSettings {
    let settings = DispatchSettings {
        policy: policy(reader),
        lease: reader.required(LEASE, duration::parse_positive),
        rescue_grace: reader.required(RESCUE_GRACE, duration::parse),
        max_in_flight: reader.required(MAX_IN_FLIGHT, |text| parse::positive(text, 1024)),
        max_rate: reader.optional(MAX_RATE, MaxRate::parse),
        retry: retry(reader),
        breaker: BreakerPolicy::default(),
        start_stopped: reader.required(START_STOPPED, parse::switch),
        shutdown_timeout: reader.required(SHUTDOWN_TIMEOUT, duration::parse_positive),
        limits: MessageLimits {
            max_content_length: reader
                .required(MAX_CONTENT_LENGTH, |text| parse::whole(text, 1..=10_000)),
        },
        delivery_policy: reader.required(DELIVERY_POLICY, delivery_policy),
    };
    let least = provider.deadline + LEASE_MARGIN;
    reader.check(&[LEASE, SEND_TIMEOUT], settings.lease >= least, || {
        format!(
            "LEASE must be at least {} longer than SEND_TIMEOUT, or a message could be taken over \
             while it is being sent; write LEASE={} or more, or a shorter SEND_TIMEOUT",
            duration::show(LEASE_MARGIN),
            duration::show(least)
        )
    });
    settings
}

/// The store keeps milliseconds: less than one would mean no quota at all.
fn whole_millis(text: &str) -> Parsed<Duration> {
    let period = duration::parse(text)?;
    if period.subsec_nanos().is_multiple_of(1_000_000) {
        Ok(period)
    } else {
        Err("must be whole milliseconds, such as 500ms or 2m".to_owned())
    }
}

fn policy(reader: &mut Reader) -> DispatchPolicy {
    let orderings = [Ordering::Strict, Ordering::Recipient, Ordering::None];
    let orderings = orderings.map(|ordering| (ordering.as_str(), ordering));
    DispatchPolicy {
        batch_size: reader.required(BATCH_SIZE, |text| parse::positive(text, 10_000)),
        period: reader.required(PROCESSING_INTERVAL, whole_millis),
        ordering: reader.required(ORDERING, |text| parse::word(text, &orderings)),
    }
}

fn retry(reader: &mut Reader) -> RetryPolicy {
    let retry = RetryPolicy {
        base: reader.required(RETRY_BASE, duration::parse_positive),
        cap: reader.required(RETRY_CAP, duration::parse_positive),
        max_tries: reader.required(RETRY_MAX_TRIES, |text| parse::whole(text, 1..=1000)),
    };
    reader.check(&[RETRY_BASE, RETRY_CAP], retry.base <= retry.cap, || {
        let cap = duration::show(retry.base);
        format!("RETRY_BASE must not exceed RETRY_CAP; write RETRY_CAP={cap} or more")
    });
    retry
}

fn delivery_policy(text: &str) -> Parsed<DeliveryPolicy> {
    parse::word(text, &DeliveryPolicy::ALL.map(|policy| (policy.as_str(), policy)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_plain_positive_decimal() {
        assert_eq!(MaxRate::parse(" 2.5 ").map(MaxRate::interval), Ok(Duration::from_millis(400)));
        for wrong in ["0", "-1", "1e3", "inf", "NaN", "1/s", "0.0001", "10000.1", ".", ""] {
            assert!(MaxRate::parse(wrong).is_err(), "{wrong}");
        }
    }
}
