//! What a batch did: one line in the log.

use dispatcher_domain::{ClockAlarm, Hold, RejectedRow, ports::StoreError};
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
        self.started > 0 || !self.rejected.is_empty()
    }

    pub(super) fn note_found(&mut self, rejected: Vec<RejectedRow>, alarms: Vec<ClockAlarm>) {
        self.rejected.extend(rejected);
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
