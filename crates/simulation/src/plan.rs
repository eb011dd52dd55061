//! What is played: drawn from the seed.

use crate::chance::Chance;
use dispatcher_domain::{
    BreakerPolicy, DeliveryPolicy, DispatchPolicy, Ordering, ResolutionPolicy, RetryPolicy,
};
use std::{num::NonZeroU32, time::Duration};

/// A lease; the deadline of a send and the grace fit into it as in production.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
/// The longest that a POST takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(3);
/// What of a lease must be left beyond that.
pub(crate) const MARGIN: Duration = Duration::from_millis(500);
/// After its lease a message is left alone for so long.
pub(crate) const GRACE: Duration = Duration::from_secs(1);
/// How long the provider remembers a key, where it does: for longer than any
/// schedule takes, or so briefly that keys are forgotten while it lasts.
pub(crate) const KEY_WINDOWS: [Duration; 3] =
    [Duration::from_secs(3_600), Duration::from_secs(3_600), Duration::from_secs(45)];

/// What is played.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many replicas there are.
    pub replicas: usize,
    /// How many messages there are at first, and come later.
    pub messages: usize,
    /// To so many recipients.
    pub recipients: usize,
    /// In which order, and how fast.
    pub policy: DispatchPolicy,
    /// Most sends in flight of a replica.
    pub max_in_flight: u32,
    /// What becomes of unknown outcomes.
    pub delivery: DeliveryPolicy,
    /// Whether the provider honours keys, and the replicas know it.
    pub idempotent: bool,
    /// How long the provider remembers a key, and the replicas count on it.
    pub key_window: Duration,
    /// Whether the provider can be asked.
    pub look_ups: bool,
    /// How wild it is: faults in a thousand cases.
    pub faults: usize,
    /// Turns until everything calms down.
    pub turns: usize,
}

impl Plan {
    pub(crate) fn draw(chance: &Chance) -> Self {
        let ordering = chance.one_of(&[Ordering::Strict, Ordering::Recipient, Ordering::None]);
        let period = Duration::from_millis(chance.one_of(&[0, 0, 700, 5_000]));
        let batch_size = NonZeroU32::new(chance.one_of(&[1, 2, 3])).unwrap_or(NonZeroU32::MIN);
        let (delivery, idempotent) = chance.one_of(&[
            (DeliveryPolicy::AtMostOnce, false),
            (DeliveryPolicy::AtMostOnce, true),
            (DeliveryPolicy::AtLeastOnce, false),
        ]);
        Self {
            replicas: 1 + chance.below(3),
            messages: 1 + chance.below(6),
            recipients: 1 + chance.below(3),
            policy: DispatchPolicy { batch_size, period, ordering },
            max_in_flight: chance.one_of(&[1, 2, 4]),
            delivery,
            idempotent,
            key_window: chance.one_of(&KEY_WINDOWS),
            look_ups: chance.in_a_thousand(300),
            faults: chance.one_of(&[0, 20, 60, 150]),
            turns: 60 + chance.below(240),
        }
    }

    /// Whether keys may be forgotten while there is still something to send.
    pub(crate) fn forgets_keys(&self) -> bool {
        self.key_window < KEY_WINDOWS[0]
    }

    /// A quick backoff, so that a schedule sees its end.
    pub(crate) fn retry(&self) -> RetryPolicy {
        RetryPolicy { base: Duration::from_secs(1), cap: Duration::from_secs(20), max_tries: 4 }
    }

    pub(crate) fn breaker(&self) -> BreakerPolicy {
        BreakerPolicy {
            open_for: Duration::from_secs(2),
            open_cap: Duration::from_secs(10),
            unknown_open_for: Duration::from_secs(2),
            unknown_open_cap: Duration::from_secs(10),
            ..BreakerPolicy::default()
        }
    }

    pub(crate) fn resolution(&self) -> ResolutionPolicy {
        ResolutionPolicy {
            delivery: self.delivery,
            key_window: self.idempotent.then_some(self.key_window),
            key_margin: LEASE,
            retry: self.retry(),
        }
    }
}
