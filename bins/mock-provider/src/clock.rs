//! The only place that reads the wall clock, waits, or rolls dice.
//!
//! The rest of this crate is told what time it is, like every crate of the workspace.

use std::time::Duration;

use jiff::Timestamp;

/// The present moment, cut to the microseconds that the ledger shows, so that an entry read back from its file
/// equals the one that was written.
#[allow(
    clippy::disallowed_methods,
    reason = "the mock provider is the outside world: this file is its one clock"
)]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// Waits for `duration`; no time at all for zero, not even a turn of the scheduler.
#[allow(
    clippy::disallowed_methods,
    reason = "slowness is what this provider is asked to imitate; nothing is synchronised by it"
)]
pub(crate) async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// `fixed` plus a share of `jitter` drawn evenly from nothing to all of it.
pub(crate) fn jittered(fixed: Duration, jitter: Duration) -> Duration {
    fixed.saturating_add(share_of(jitter, rand::random::<u32>()))
}

/// `dice` out of `u32::MAX` of `whole`, in whole nanoseconds.
fn share_of(whole: Duration, dice: u32) -> Duration {
    let nanos = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
    let share = u128::from(nanos) * u128::from(dice) / u128::from(u32::MAX);
    Duration::from_nanos(u64::try_from(share).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_goes_from_nothing_to_all_of_it() {
        let whole = Duration::from_millis(250);
        assert_eq!(share_of(whole, 0), Duration::ZERO);
        assert_eq!(share_of(whole, u32::MAX), whole);
        assert_eq!(share_of(Duration::ZERO, 77), Duration::ZERO);
    }

    #[test]
    fn latency_is_at_least_its_fixed_part_and_at_most_both() {
        let (fixed, jitter) = (Duration::from_millis(10), Duration::from_millis(5));
        for _ in 0..1000 {
            let drawn = jittered(fixed, jitter);
            assert!(drawn >= fixed && drawn <= fixed + jitter, "{drawn:?}");
        }
    }

    #[test]
    fn now_has_no_more_than_microseconds() {
        assert_eq!(now().as_nanosecond() % 1000, 0);
    }
}
