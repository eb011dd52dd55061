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
