//! Clocks: of each process, which is a little wrong, and of the store.

use crate::schedule::{ReplicaId, Schedule};
use async_trait::async_trait;
use dispatcher_domain::ports::Clock;
use jiff::Timestamp;
use std::time::Duration;

/// When a schedule begins, by the store's clock.
pub(crate) const BEGINNING: i64 = 1_800_000_000;

/// The store's time, in microseconds as stores keep it.
pub(crate) fn store_time(schedule: &Schedule) -> Timestamp {
    let micros = u64::try_from(schedule.now().as_micros()).unwrap_or(u64::MAX);
    Timestamp::from_second(BEGINNING).unwrap_or_default() + Duration::from_micros(micros)
}

/// The clock of one process. It runs a little fast or slow, and shows another
/// time of day than the store's.
pub(crate) struct ProcessClock {
    schedule: Schedule,
    owner: ReplicaId,
    /// Thousandths that it gains; negative: loses.
    gain: i32,
    /// Hours that it is off.
    off: i32,
}

impl ProcessClock {
    pub(crate) fn of(schedule: &Schedule, owner: ReplicaId) -> Self {
        let gain = schedule.chance.one_of(&[-2, 0, 0, 2]);
        let off = schedule.chance.one_of(&[-7, 0, 0, 30]);
        Self { schedule: schedule.clone(), owner, gain, off }
    }
}

#[async_trait]
impl Clock for ProcessClock {
    fn monotonic(&self) -> Duration {
        let now = self.schedule.now();
        let gained = now / 1_000 * self.gain.unsigned_abs();
        if self.gain < 0 { now.saturating_sub(gained) } else { now + gained }
    }

    fn wall(&self) -> Timestamp {
        let off = jiff::SignedDuration::from_hours(self.off.into());
        Timestamp::from_second(BEGINNING).unwrap_or_default() + self.monotonic() + off
    }

    async fn sleep(&self, duration: Duration) {
        self.schedule.wait(Some(self.owner), duration, "wakes").await;
    }
}
