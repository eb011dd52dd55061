//! What becomes of a call, agreed between its caller and the thread that
//! serves it.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

const OPEN: u8 = 0;
const COMMITTING: u8 = 1;
const CANCELED: u8 = 2;

/// Either the thread begins to commit, or the caller gives up: never both, so
/// that a caller whose time is over knows which of the two it was.
#[derive(Clone, Default)]
pub(crate) struct Fate(Arc<AtomicU8>);

impl Fate {
    /// The thread is about to commit; false when nobody wants it any more.
    pub(crate) fn commit(&self) -> bool {
        self.leave_open_for(COMMITTING)
    }

    /// The caller gives up; false when it is too late, and nobody knows.
    pub(crate) fn cancel(&self) -> bool {
        self.leave_open_for(CANCELED) || self.is_canceled()
    }

    pub(crate) fn is_canceled(&self) -> bool {
        self.0.load(Ordering::Acquire) == CANCELED
    }

    fn leave_open_for(&self, next: u8) -> bool {
        self.0.compare_exchange(OPEN, next, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Cancels when dropped: a future that nobody awaits any more leaves nothing
/// half done behind.
pub(crate) struct CancelOnDrop(pub(crate) Fate);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_canceled_is_never_committed() {
        let fate = Fate::default();
        assert!(fate.cancel() && fate.is_canceled());
        assert!(!fate.commit());
        assert!(fate.cancel(), "still certain");
    }

    #[test]
    fn what_commits_can_no_longer_be_canceled() {
        let fate = Fate::default();
        assert!(fate.commit());
        assert!(!fate.cancel() && !fate.is_canceled());
    }
}
