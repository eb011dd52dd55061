//! Messages that were not sent in time, while nothing is claimed.

use crate::{Drain, rounds::Rounds};
use dispatcher_domain::{
    MessageId,
    ports::{Clock, MessageRepo, StoreError},
};
use std::{sync::Arc, time::Duration};

/// Most messages of one statement.
const AT_ONCE: u32 = 1000;

/// Between two looks. It only decides how soon it shows that a message is over:
/// no START takes one that is.
const EVERY: Duration = Duration::from_secs(5);

/// Makes messages `expired` whose `expires_at` has come. Each claim does so too;
/// but an operator may have stopped sending, or the breaker may be open for days.
pub struct Expirer {
    messages: Arc<dyn MessageRepo>,
    clock: Arc<dyn Clock>,
}

impl Expirer {
    /// Looks every few seconds.
    #[must_use]
    pub fn new(messages: Arc<dyn MessageRepo>, clock: Arc<dyn Clock>) -> Self {
        Self { messages, clock }
    }

    /// Runs until the drain is requested.
    pub async fn run(self, drain: Drain) {
        let in_vain = "messages that were not sent in time cannot be looked for";
        let mut rounds = Rounds::new(&self.clock, &drain, EVERY, in_vain);
        while rounds.go_on() {
            rounds.pause(self.run_once().await).await;
        }
    }

    /// Expires all that are over; answers how many.
    ///
    /// # Errors
    /// The store's; what expired before stays so.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            let expired = self.messages.expire_overdue(AT_ONCE).await?;
            tell(&expired);
            total += expired.len();
            if expired.len() < AT_ONCE as usize {
                return Ok(total);
            }
        }
    }
}

/// One line, however many: a queue that stood still may end all at once.
pub(crate) fn tell(expired: &[MessageId]) {
    if let [first, .., last] | [first @ last] = expired {
        let count = expired.len();
        tracing::warn!(count, %first, %last, "messages were not sent before their expires_at: expired");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, seconds, unavailable, within};
    use dispatcher_domain::{Status, ports::MockMessageRepo};
    use dispatcher_memory::MemoryStore;

    fn expirer(repo: impl MessageRepo + 'static, clock: &Arc<ManualClock>) -> Expirer {
        Expirer::new(Arc::new(repo), Arc::clone(clock) as Arc<dyn Clock>)
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_answer_is_followed_by_the_next_question_at_once() {
        let mut repo = MockMessageRepo::new();
        for found in [1000, 1000, 3] {
            let call = repo.expect_expire_overdue().withf(|limit| *limit == 1000).times(1);
            call.returning(move |_| Ok((1..=found).map(MessageId).collect()));
        }
        let clock = ManualClock::new();
        let total = expirer(repo, &clock).run_once().await.unwrap();
        assert_eq!((total, clock.monotonic()), (2003, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_every_five_seconds_also_after_a_failure_until_the_drain() {
        let (switch, drain) = Drain::new();
        let clock = ManualClock::new();
        let mut repo = MockMessageRepo::new();
        let (seen, time) = (Arc::new(std::sync::Mutex::new(vec![])), Arc::clone(&clock));
        let looks = Arc::clone(&seen);
        repo.expect_expire_overdue().returning(move |_| {
            let mut looks = looks.lock().unwrap();
            looks.push(time.monotonic().as_secs());
            match looks.len() {
                2 => Err(unavailable()),
                4 => {
                    switch.request();
                    Ok(vec![])
                }
                _ => Ok(vec![]),
            }
        });
        within("its end", expirer(repo, &clock).run(drain)).await;
        assert_eq!(*seen.lock().unwrap(), [0, 5, 10, 15]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_is_switched_off_expires_all_the_same() {
        use dispatcher_domain::ports::DispatchControl;
        let clock = ManualClock::new();
        let time = Arc::clone(&clock);
        let store = MemoryStore::new(move || time.wall());
        let id = store.insert_unchecked("+905551234567", "Hello");
        let end = clock.wall() + seconds(60);
        store.edit(id, |row| row.expires_at = Some(end)).unwrap();
        store.set_enabled(false).await.unwrap();
        let expirer = expirer(store.clone(), &clock);
        clock.sleep(seconds(59)).await;
        assert_eq!(expirer.run_once().await.unwrap(), 0);
        clock.sleep(seconds(1)).await;
        assert_eq!(expirer.run_once().await.unwrap(), 1);
        assert_eq!(store.edit(id, |row| row.status), Some(Status::Expired));
    }
}
