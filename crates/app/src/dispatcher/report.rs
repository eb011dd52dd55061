//! What a batch did: one line in the log.

use dispatcher_domain::{
    ClockAlarm, Hold, MessageId, RejectedRow,
    ports::{Processed, StoreError},
};
use std::{sync::Arc, time::Duration};

/// What one [`super::Dispatcher::run_once`] did.
#[derive(Debug, Default)]
pub struct BatchReport {
    /// Messages claimed.
    pub started: u32,
    /// Accepted by the provider.
    pub sent: u32,
    /// Known not sent; they try again.
    pub deferred: u32,
    /// Refused: dead letters.
    pub failed: u32,
    /// Outcome unknown: parked as `unconfirmed`.
    pub parked: u32,
    /// Given back without a POST.
    pub released: u32,
    /// Ended, but no longer ours to record.
    pub fenced: u32,
    /// Ended, but the store could not be told; the rescue will park them.
    pub unrecorded: u32,
    /// Ended in a panic of our own.
    pub panicked: u32,
    /// Rows that are no valid SMS.
    pub rejected: Vec<RejectedRow>,
    /// Messages that were not sent in time.
    pub expired: Vec<MessageId>,
    /// Times that had to be mended.
    pub alarms: Vec<ClockAlarm>,
    /// How long it took.
    pub took: Duration,
    /// Why it ended.
    pub pause: Pause,
}

/// Why a batch ended.
#[derive(Debug, Clone, Default)]
pub enum Pause {
    /// It was long enough; go on at once.
    #[default]
    Full,
    /// No message is due.
    Empty {
        /// When the next one is.
        next_due_in: Option<Duration>,
    },
    /// No send may start.
    Held(Hold),
    /// The process ends.
    Drained,
    /// The store did not do its part.
    StoreFailed(Arc<StoreError>),
}

/// How one send ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Accepted,
    Deferred,
    Failed,
    Parked,
    Released,
    Fenced,
    Unrecorded,
}

impl Sent {
    /// The word for it in the metrics.
    pub(super) fn word(self) -> Processed {
        match self {
            Self::Accepted => Processed::Sent,
            Self::Deferred => Processed::Deferred,
            Self::Failed => Processed::Failed,
            Self::Parked => Processed::Unconfirmed,
            Self::Released => Processed::Released,
            Self::Fenced => Processed::Fenced,
            Self::Unrecorded => Processed::Unrecorded,
        }
    }
}

impl Pause {
    /// How long to wait before the next batch, at most `poll`.
    #[must_use]
    pub fn wait(&self, poll: Duration) -> Duration {
        match self {
            Self::Full => Duration::ZERO,
            Self::Empty { next_due_in: Some(wait) } => *wait,
            Self::Held(Hold { for_at_least: Some(wait), .. }) => *wait,
            _ => poll,
        }
        .min(poll)
    }

    /// A word for the log.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Empty { .. } => "queue_empty",
            Self::Held(hold) => hold.reason.as_str(),
            Self::Drained => "drained",
            Self::StoreFailed(_) => "store_failed",
        }
    }
}

impl BatchReport {
    /// Whether there is anything to tell.
    #[must_use]
    pub fn did_something(&self) -> bool {
        self.started > 0 || !self.rejected.is_empty() || !self.expired.is_empty()
    }

    pub(super) fn note_found(
        &mut self,
        rejected: Vec<RejectedRow>,
        expired: Vec<MessageId>,
        alarms: Vec<ClockAlarm>,
    ) {
        self.rejected.extend(rejected);
        self.expired.extend(expired);
        self.alarms.extend(alarms);
    }

    pub(super) fn note_sent(&mut self, sent: Sent) {
        let counter = match sent {
            Sent::Accepted => &mut self.sent,
            Sent::Deferred => &mut self.deferred,
            Sent::Failed => &mut self.failed,
            Sent::Parked => &mut self.parked,
            Sent::Released => &mut self.released,
            Sent::Fenced => &mut self.fenced,
            Sent::Unrecorded => &mut self.unrecorded,
        };
        *counter += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{millis, unavailable};
    use dispatcher_domain::HoldReason;

    const POLL: Duration = Duration::from_millis(500);

    fn held(for_at_least: Option<Duration>) -> Pause {
        Pause::Held(Hold { reason: HoldReason::QuotaUsed, for_at_least })
    }

    fn empty(next_due_in: Option<Duration>) -> Pause {
        Pause::Empty { next_due_in }
    }

    #[test]
    fn a_long_batch_is_followed_by_the_next_at_once() {
        assert_eq!(Pause::Full.wait(POLL), Duration::ZERO);
    }

    #[test]
    fn where_the_time_is_known_the_wait_is_no_longer() {
        for pause in [held, empty] {
            assert_eq!(pause(Some(millis(80))).wait(POLL), millis(80));
        }
    }

    #[test]
    fn no_wait_is_longer_than_a_poll() {
        for pause in [held, empty] {
            assert_eq!(pause(Some(millis(120_000))).wait(POLL), POLL);
            assert_eq!(pause(None).wait(POLL), POLL);
        }
    }

    #[test]
    fn a_drain_or_a_store_that_fails_waits_for_a_poll() {
        assert_eq!(Pause::Drained.wait(POLL), POLL);
        assert_eq!(Pause::StoreFailed(Arc::new(unavailable())).wait(POLL), POLL);
    }

    #[test]
    fn each_pause_has_a_word_for_the_log() {
        let failed = Pause::StoreFailed(Arc::new(unavailable()));
        let words = [Pause::Full, empty(None), held(None), Pause::Drained, failed];
        let expected = ["full", "queue_empty", "quota_used", "drained", "store_failed"];
        assert_eq!(words.map(|pause| pause.as_str()), expected);
    }
}
