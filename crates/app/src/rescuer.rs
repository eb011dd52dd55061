//! Messages whose owner vanished.

use crate::{Drain, rounds::Rounds};
use dispatcher_domain::ports::{Clock, MessageRepo, Rescued, StoreError};
use std::{sync::Arc, time::Duration};

/// Most messages of one statement.
const AT_ONCE: u32 = 100;

/// Parks messages whose lease and grace are over as `unconfirmed`.
pub struct Rescuer {
    messages: Arc<dyn MessageRepo>,
    clock: Arc<dyn Clock>,
    grace: Duration,
    every: Duration,
}

impl Rescuer {
    /// Looks a few times per `lease`, but no more than once a second.
    #[must_use]
    pub fn new(
        messages: Arc<dyn MessageRepo>,
        clock: Arc<dyn Clock>,
        lease: Duration,
        grace: Duration,
    ) -> Self {
        let every = (lease / 6).clamp(Duration::from_secs(1), Duration::from_secs(10));
        Self { messages, clock, grace, every }
    }

    /// Runs until the drain is requested.
    pub async fn run(self, drain: Drain) {
        let in_vain = "messages whose owner vanished cannot be looked for";
        let mut rounds = Rounds::new(&self.clock, &drain, self.every, in_vain);
        while rounds.go_on() {
            rounds.pause(self.run_once().await).await;
        }
    }

    /// Rescues all that are due; answers how many.
    ///
    /// # Errors
    /// The store's; what was rescued before stays rescued.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            let rescued = self.messages.rescue_expired(self.grace, AT_ONCE).await?;
            rescued.iter().for_each(tell);
            total += rescued.len();
            if rescued.len() < AT_ONCE as usize {
                return Ok(total);
            }
        }
    }
}

fn tell(rescued: &Rescued) {
    tracing::warn!(
        id = %rescued.id,
        attempt = rescued.attempt,
        "the owner of a message vanished during its send: unconfirmed"
    );
}

#[cfg(test)]
mod tests;
