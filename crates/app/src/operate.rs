//! The operator's switch.

use crate::Wake;
use dispatcher_domain::ports::{Clock, DispatchControl, StoreError};
use std::{sync::Arc, time::Duration};

/// How often stop looks whether the last send has ended.
const LOOK: Duration = Duration::from_millis(50);

/// Starts and stops the sending of all replicas.
pub struct Operate {
    control: Arc<dyn DispatchControl>,
    clock: Arc<dyn Clock>,
    send_deadline: Duration,
    wake: Wake,
}

/// What a stop found and left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Sending was on before.
    pub was_running: bool,
    /// Sends still in flight when we stopped waiting for them.
    pub in_flight: u64,
}

impl Operate {
    /// Over `control`; `send_deadline` is the longest that a send takes.
    #[must_use]
    pub fn new(
        control: Arc<dyn DispatchControl>,
        clock: Arc<dyn Clock>,
        send_deadline: Duration,
        wake: Wake,
    ) -> Self {
        Self { control, clock, send_deadline, wake }
    }

    /// Starts sending; answers whether it was on already.
    ///
    /// # Errors
    /// The store's; the switch may then be on or off.
    pub async fn start(&self) -> Result<bool, StoreError> {
        let was_running = self.control.set_enabled(true).await?;
        self.wake.call();
        Ok(was_running)
    }

    /// Stops sending, then waits for what is in flight, at most one send
    /// deadline: a POST that has begun cannot be called back.
    ///
    /// # Errors
    /// The store's; the switch may then be on or off.
    pub async fn stop(&self) -> Result<Stopped, StoreError> {
        let was_running = self.control.set_enabled(false).await?;
        let until = self.clock.monotonic() + self.send_deadline;
        loop {
            let in_flight = self.control.snapshot().await?.in_flight;
            if in_flight == 0 || self.clock.monotonic() >= until {
                return Ok(Stopped { was_running, in_flight });
            }
            self.clock.sleep(LOOK).await;
        }
    }
}
