//! How to migrate.

use std::time::Duration;

/// How to migrate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrateOptions {
    /// How long to wait for a server that is not up yet, for another migrator,
    /// and for sessions that use a table. With zero, each is tried once.
    pub wait: Duration,
    /// How long one try waits for sessions that use a table. Everybody else who
    /// wants the table queues up behind us meanwhile: seconds, not minutes. What
    /// is left of `wait` is for more tries, with pauses in which they get on.
    pub lock_timeout: Duration,
    /// The time zone that the predecessor's times are in, by its IANA name.
    pub legacy_timezone: String,
}

impl MigrateOptions {
    /// Of [`lock_timeout`](Self::lock_timeout): longer than the second after
    /// which autovacuum gives way, shorter than what a server of ours waits for
    /// one of its calls, so that its calls still succeed.
    pub const LOCK_TIMEOUT: Duration = Duration::from_secs(3);

    /// The predecessor's times are in UTC.
    #[must_use]
    pub fn new(wait: Duration) -> Self {
        let (lock_timeout, legacy_timezone) = (Self::LOCK_TIMEOUT, "UTC".to_owned());
        Self { wait, lock_timeout, legacy_timezone }
    }

    /// As a setting of PostgreSQL, to which zero means for ever, and which
    /// counts to 2^31.
    pub(super) fn lock_timeout_ms(&self) -> u128 {
        self.lock_timeout.as_millis().clamp(1, i32::MAX as u128)
    }
}
