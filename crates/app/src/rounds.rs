//! Looking at the store now and then.

use crate::Drain;
use dispatcher_domain::ports::{Clock, StoreError};
use std::{error::Error, sync::Arc, time::Duration};

/// Rounds with a pause after each, until the drain is requested. Of rounds that
/// fail one after the other the first is told, as what is done `in_vain`.
pub(crate) struct Rounds {
    clock: Arc<dyn Clock>,
    drain: Drain,
    every: Duration,
    in_vain: &'static str,
    failed: bool,
}

impl Rounds {
    pub(crate) fn new(
        clock: &Arc<dyn Clock>,
        drain: &Drain,
        every: Duration,
        in_vain: &'static str,
    ) -> Self {
        Self { clock: Arc::clone(clock), drain: drain.clone(), every, in_vain, failed: false }
    }

    /// Whether there is another one.
    pub(crate) fn go_on(&self) -> bool {
        !self.drain.is_requested()
    }

    /// The pause after one that ended like this.
    pub(crate) async fn pause<T>(&mut self, result: Result<T, StoreError>) {
        if let Err(error) = result.as_ref().map_err(|error| error as &dyn Error)
            && !self.failed
        {
            tracing::warn!(error, "{}", self.in_vain);
        }
        self.failed = result.is_err();
        tokio::select! {
            biased;
            () = self.clock.sleep(self.every) => {}
            () = self.drain.requested() => {}
        }
    }
}
