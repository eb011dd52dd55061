//! How long to wait before the next try.

use std::time::Duration;

/// Exponential backoff with full jitter: the n-th wait is drawn evenly from
/// zero to `min(cap, base × 2^(n−1))`. Full jitter keeps replicas and messages
/// that failed together from coming back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Longest first wait.
    pub base: Duration,
    /// Longest wait of all; also the most that a `Retry-After` may ask for.
    pub cap: Duration,
    /// Sends of unknown outcome after which a message is a dead letter.
    pub max_tries: u32,
}

impl RetryPolicy {
    /// The wait before try `n + 1`, with `unit` drawn from `[0, 1)`.
    #[must_use]
    pub fn backoff(&self, n: u32, unit: f64) -> Duration {
        self.ceiling(n).mul_f64(unit.clamp(0.0, 1.0))
    }

    /// The longest wait after `n` tries.
    #[must_use]
    pub fn ceiling(&self, n: u32) -> Duration {
        let doublings = n.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }

    /// What a provider asks for, as far as we let a stranger decide it.
    #[must_use]
    pub fn clamp_retry_after(&self, asked: Duration) -> Duration {
        asked.min(self.cap)
    }
}

/// Base 30 s, cap 1 h, 8 tries.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self { base: Duration::from_secs(30), cap: Duration::from_secs(3600), max_tries: 8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let policy = RetryPolicy::default();
        let seconds: Vec<_> = [0, 1, 2, 3, 7, 8, 9].map(|n| policy.ceiling(n).as_secs()).into();
        assert_eq!(seconds, [30, 30, 60, 120, 1920, 3600, 3600]);
    }

    proptest! {
        #[test]
        fn a_wait_never_exceeds_its_ceiling(n in any::<u32>(), unit in 0.0..1.0f64) {
            let policy = RetryPolicy::default();
            prop_assert!(policy.backoff(n, unit) <= policy.ceiling(n));
            prop_assert!(policy.ceiling(n) <= policy.cap);
        }
    }

    #[test]
    fn a_provider_cannot_ask_for_a_year() {
        let year = Duration::from_secs(365 * 86_400);
        assert_eq!(RetryPolicy::default().clamp_retry_after(year).as_secs(), 3600);
    }
}
