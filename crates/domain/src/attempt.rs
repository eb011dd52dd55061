//! One try to send one message: who owns it, and under which key.

use crate::ProviderSignal;
use std::fmt;
use uuid::Uuid;

/// Proof of ownership of a claim. Every claim has its own, chosen by the
/// claimer, so that it can give back a claim whose COMMIT was never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseToken(pub Uuid);

impl fmt::Display for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The right to send one message once: all three fence a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Row identity that survives a `TRUNCATE … RESTART IDENTITY`.
    pub uuid: Uuid,
    /// Of the claim; rows claimed together share it.
    pub token: LeaseToken,
    /// 1-based number of this START of the message; only grows.
    pub attempt: i32,
    /// The START went through the control row, so the completion must too.
    pub paced: bool,
}

impl Lease {
    /// Whether [`crate::ControlState::finished`] has to hear of the end of this
    /// send: where no quota and no order binds the replicas, only what concerns
    /// all of them is worth a row that all wait for.
    #[must_use]
    pub fn concerns_control(&self, signal: &ProviderSignal) -> bool {
        let all = matches!(signal, ProviderSignal::Trip { .. } | ProviderSignal::SlowDown { .. });
        self.paced || all
    }
}

/// The value of the `Idempotency-Key` header: `<uuid>-<epoch>`.
///
/// It is the same for every attempt of a message, so that a provider that
/// honours it sends one SMS however often we ask. An operator's requeue of a
/// message that was never sent opens a new epoch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of message `uuid` in its `epoch`.
    #[must_use]
    pub fn new(uuid: Uuid, epoch: i32) -> Self {
        Self(format!("{uuid}-{epoch}"))
    }

    /// The header's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names a running process in attempts and logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceName(String);

impl InstanceName {
    /// Any text; cut at 100 characters, which is what stores keep.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.chars().take(100).collect())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BreakerPolicy, StatusReason};
    use std::time::Duration;

    #[test]
    fn without_a_pace_only_what_concerns_all_is_worth_the_row_of_all() {
        let lease =
            |paced| Lease { uuid: Uuid::nil(), token: LeaseToken(Uuid::nil()), attempt: 1, paced };
        let reason = StatusReason::of("timeout");
        let policy = BreakerPolicy::default();
        let failing = ProviderSignal::Failing { reason: reason.clone(), policy };
        for signal in [ProviderSignal::Silent, ProviderSignal::Alive, failing] {
            assert!(!lease(false).concerns_control(&signal), "{signal:?}");
            assert!(lease(true).concerns_control(&signal), "{signal:?}");
        }
        let slow_down = ProviderSignal::SlowDown { wait: Duration::from_secs(1) };
        for signal in [ProviderSignal::Trip { reason, policy }, slow_down] {
            assert!(lease(false).concerns_control(&signal), "{signal:?}");
        }
    }

    #[test]
    fn the_key_is_the_uuid_and_the_epoch() {
        assert_eq!(
            IdempotencyKey::new(Uuid::nil(), 2).as_str(),
            "00000000-0000-0000-0000-000000000000-2"
        );
    }
}
