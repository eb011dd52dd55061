//! Telling every loop to finish what it has and begin nothing new.

use tokio::sync::watch;

/// Seen by whoever works.
#[derive(Clone)]
pub struct Drain(watch::Receiver<bool>);

/// Held by whoever ends the work.
pub struct DrainSwitch(watch::Sender<bool>);

impl Drain {
    /// A drain and its switch. A dropped switch counts as switched.
    #[must_use]
    pub fn new() -> (DrainSwitch, Self) {
        let (sender, receiver) = watch::channel(false);
        (DrainSwitch(sender), Self(receiver))
    }

    /// Whether to begin nothing new.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Returns once it is requested.
    pub async fn requested(&self) {
        // An error means that the switch is gone: the process ends.
        let _ = self.0.clone().wait_for(|requested| *requested).await;
    }
}

impl DrainSwitch {
    /// Requests it, for good.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn nothing_is_requested_at_first() {
        let (_switch, drain) = Drain::new();
        assert!(!drain.is_requested());
        assert_eq!(drain.requested().now_or_never(), None);
    }

    #[test]
    fn a_request_reaches_every_clone_and_stays() {
        let (switch, drain) = Drain::new();
        let clone = drain.clone();
        switch.request();
        for drain in [drain, clone.clone(), clone] {
            assert!(drain.is_requested());
            for _ in 0..2 {
                assert_eq!(drain.requested().now_or_never(), Some(()));
            }
        }
    }

    #[tokio::test]
    async fn a_request_calls_those_who_wait() {
        let (switch, drain) = Drain::new();
        let waiting = tokio::spawn(async move { drain.requested().await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        switch.request();
        waiting.await.unwrap();
    }

    #[test]
    fn a_dropped_switch_counts_as_switched() {
        let (switch, drain) = Drain::new();
        drop(switch);
        assert!(drain.is_requested());
        assert_eq!(drain.requested().now_or_never(), Some(()));
    }
}
