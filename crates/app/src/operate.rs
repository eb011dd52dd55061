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
        tracing::info!(was_running, "an operator starts sending");
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
        tracing::warn!(was_running, "an operator stops sending, on all replicas");
        let until = self.clock.monotonic() + self.send_deadline;
        loop {
            let in_flight = self.control.snapshot().await?.in_flight;
            let left = until.saturating_sub(self.clock.monotonic());
            if in_flight == 0 || left.is_zero() {
                return Ok(Stopped { was_running, in_flight });
            }
            self.clock.sleep(LOOK.min(left)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, millis, unavailable, within};
    use dispatcher_domain::{
        ControlState, DispatchPolicy,
        ports::{ControlSnapshot, MockDispatchControl},
    };
    use futures_util::FutureExt;
    use jiff::Timestamp;

    const DEADLINE: Duration = Duration::from_millis(1_020);

    fn snapshot(in_flight: u64) -> ControlSnapshot {
        let state = ControlState::new(DispatchPolicy::default());
        ControlSnapshot { state, now: Timestamp::UNIX_EPOCH, in_flight }
    }

    fn operate(control: MockDispatchControl) -> (Operate, Arc<ManualClock>, Wake) {
        let (clock, wake) = (ManualClock::new(), Wake::default());
        let asked = Arc::clone(&clock) as Arc<dyn Clock>;
        (Operate::new(Arc::new(control), asked, DEADLINE, wake.clone()), clock, wake)
    }

    /// Stops while so many sends are in flight, look by look; the last stays.
    async fn stop(in_flight: &'static [u64]) -> (Stopped, Duration) {
        let mut control = MockDispatchControl::new();
        let mut order = mockall::Sequence::new();
        let off = |enabled: &bool| !*enabled;
        control
            .expect_set_enabled()
            .withf(off)
            .times(1)
            .in_sequence(&mut order)
            .returning(|_| Ok(true));
        for now in in_flight {
            let look = control.expect_snapshot().times(1).in_sequence(&mut order);
            look.returning(|| Ok(snapshot(*now)));
        }
        let last = *in_flight.last().unwrap();
        control.expect_snapshot().returning(move || Ok(snapshot(last)));
        let (operate, clock, _) = operate(control);
        let stopped = within("the answer", operate.stop()).await.unwrap();
        (stopped, clock.monotonic())
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_answers_at_once_when_nothing_is_in_flight() {
        let expected = Stopped { was_running: true, in_flight: 0 };
        assert_eq!(stop(&[0]).await, (expected, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_waits_until_nothing_is_in_flight() {
        let expected = Stopped { was_running: true, in_flight: 0 };
        assert_eq!(stop(&[3, 3, 1, 0]).await, (expected, millis(150)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_waits_no_longer_than_one_send_and_tells_what_is_left() {
        let expected = Stopped { was_running: true, in_flight: 2 };
        assert_eq!(stop(&[5, 2]).await, (expected, DEADLINE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_that_the_store_does_not_take_waits_for_nothing() {
        let mut control = MockDispatchControl::new();
        control.expect_set_enabled().returning(|_| Err(unavailable()));
        let (operate, clock, _) = operate(control);
        assert!(operate.stop().await.unwrap_err().is_transient());
        assert_eq!(clock.monotonic(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_switches_on_and_wakes_the_loop() {
        let mut control = MockDispatchControl::new();
        control.expect_set_enabled().withf(|enabled| *enabled).returning(|_| Ok(false));
        let (operate, _, wake) = operate(control);
        assert_eq!(wake.called().now_or_never(), None);
        assert!(!operate.start().await.unwrap(), "it was off");
        assert_eq!(wake.called().now_or_never(), Some(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_that_fails_wakes_nobody() {
        let mut control = MockDispatchControl::new();
        control.expect_set_enabled().returning(|_| Err(unavailable()));
        let (operate, _, wake) = operate(control);
        assert!(operate.start().await.is_err());
        assert_eq!(wake.called().now_or_never(), None);
    }
}
