//! Sending one batch.

mod background;
mod breaker_watch;
mod give_back;
mod rate;
mod receipts;
mod report;
mod send;
#[cfg(test)]
mod tests;

pub use report::{BatchReport, Pause};

use crate::Drain;
use breaker_watch::{BreakerWatch, Hint};
use dispatcher_domain::{
    BreakerPolicy, Claim, ClaimRequest, ClaimResult, InstanceName, MessageLimits, Ordering,
    ProviderRecord, RetryPolicy,
    ports::{
        Clock, DeliveryCache, DispatchControl, Entropy, MessageRepo, Meter, MeterEvent, Processed,
        SmsGateway, StoreError,
    },
};
use give_back::GiveBacks;
use rate::Rate;
use receipts::Receipts;
use report::Sent;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::{JoinError, JoinSet};

/// What the dispatcher needs of the outside world.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct DispatcherPorts {
    pub messages: Arc<dyn MessageRepo>,
    pub control: Arc<dyn DispatchControl>,
    pub gateway: Arc<dyn SmsGateway>,
    pub cache: Arc<dyn DeliveryCache>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub meter: Arc<dyn Meter>,
}

/// How this replica sends.
#[derive(Debug, Clone)]
pub struct DispatcherConfig {
    /// Who we are, in attempts and logs.
    pub instance: InstanceName,
    /// How long a claimed message stays ours.
    pub lease: Duration,
    /// How much of the lease must be left beyond a send's deadline.
    pub lease_margin: Duration,
    /// How long after its lease a message is left alone.
    pub rescue_grace: Duration,
    /// Most sends in flight of this replica; strict order means one.
    pub max_in_flight: u32,
    /// Least time between two starts of this replica; `None` is no throttle.
    pub start_interval: Option<Duration>,
    /// In which order this replica was told to send.
    pub ordering: Ordering,
    /// What counts as a valid row.
    pub limits: MessageLimits,
    /// How long to wait after a send that did not happen.
    pub retry: RetryPolicy,
    /// When to stop bothering the provider.
    pub breaker: BreakerPolicy,
}

/// Claims what is due and sends it.
pub struct Dispatcher {
    ports: DispatcherPorts,
    config: DispatcherConfig,
    /// What this replica saw of the provider lately.
    provider: Mutex<ProviderRecord>,
    breaker: BreakerWatch,
    give_backs: GiveBacks,
    receipts: Receipts,
    rate: Rate,
}

/// So many sends end a batch that would otherwise never end: without a quota
/// and with a full queue, its line in the log must still come.
const LONGEST_BATCH: u32 = 1_000;

/// How often a batch with sends in flight looks for more to start.
const RECLAIM: Duration = Duration::from_millis(100);

impl Dispatcher {
    /// Sends with `ports` as `config` says.
    #[must_use]
    pub fn new(ports: DispatcherPorts, config: DispatcherConfig) -> Arc<Self> {
        let rate = Rate::new(config.start_interval);
        Arc::new(Self {
            ports,
            config,
            provider: Mutex::default(),
            breaker: BreakerWatch::default(),
            give_backs: GiveBacks::default(),
            receipts: Receipts::default(),
            rate,
        })
    }

    /// Sends until nothing more may or can be sent, and tells how it went.
    ///
    /// With strict order one message is claimed, sent and recorded at a time.
    /// Otherwise free slots are filled as they become free. A drain stops the
    /// claiming; what is in flight is finished.
    pub async fn run_once(self: &Arc<Self>, drain: &Drain) -> BatchReport {
        let started_at = self.ports.clock.monotonic();
        let mut report = BatchReport::default();
        let mut in_flight = JoinSet::new();
        loop {
            let pause = self.fill_slots(&mut in_flight, &mut report, drain).await;
            let paused = pause.is_some();
            report.pause = pause.unwrap_or_default();
            if paused && in_flight.is_empty() {
                break;
            }
            self.wait(&mut in_flight, &mut report, paused).await;
        }
        report.took = self.ports.clock.monotonic().saturating_sub(started_at);
        report
    }

    /// Waits, at most `limit`, until every claim that was not confirmed is
    /// given back and every receipt is written. For the end of the process.
    pub async fn settle(&self, limit: Duration) {
        let clock = &*self.ports.clock;
        tokio::join!(self.give_backs.settle(clock, limit), self.receipts.settle(clock, limit));
    }

    /// Starts what may be started; `Some` when nothing more may.
    async fn fill_slots(
        self: &Arc<Self>,
        in_flight: &mut JoinSet<Sent>,
        report: &mut BatchReport,
        drain: &Drain,
    ) -> Option<Pause> {
        let slots =
            if self.config.ordering == Ordering::Strict { 1 } else { self.config.max_in_flight };
        loop {
            if report.started >= LONGEST_BATCH {
                return Some(Pause::Full);
            }
            let free = slots.saturating_sub(u32::try_from(in_flight.len()).unwrap_or(u32::MAX));
            if free == 0 {
                return None;
            }
            self.rate.wait(&*self.ports.clock, drain).await;
            if drain.is_requested() {
                return Some(Pause::Drained);
            }
            let want = self.rate.at_once(free);
            if let Some(pause) = self.claim(want, in_flight, report).await {
                return Some(pause);
            }
        }
    }

    /// One claim; `None` when it started something.
    async fn claim(
        self: &Arc<Self>,
        want: u32,
        in_flight: &mut JoinSet<Sent>,
        report: &mut BatchReport,
    ) -> Option<Pause> {
        // Before the call: our view of the lease must never be the longer one.
        let claimed_at = self.ports.clock.monotonic();
        let request = ClaimRequest {
            want,
            token: self.ports.entropy.lease_token(),
            lease: self.config.lease,
            instance: self.config.instance.clone(),
            limits: self.config.limits,
        };
        let Claim { result, rejected, expired, alarms } =
            match self.ports.messages.claim_due(&request).await {
                Ok(claim) => claim,
                Err(error) => return Some(self.claim_failed(&request, error)),
            };
        report.note_found(rejected, expired, alarms);
        let hint = Hint::of(&result);
        let pause = match result {
            ClaimResult::Held(hold) => Some(Pause::Held(hold)),
            ClaimResult::Empty { next_due_in } => Some(Pause::Empty { next_due_in }),
            ClaimResult::Started(messages) => {
                self.rate.started(claimed_at);
                for message in messages {
                    report.started += 1;
                    in_flight.spawn(Arc::clone(self).send(message, claimed_at));
                }
                None
            }
        };
        // After what was started is on its way.
        self.breaker.look(&self.ports, hint).await;
        pause
    }

    fn claim_failed(&self, request: &ClaimRequest, error: StoreError) -> Pause {
        if matches!(error, StoreError::Unconfirmed(_)) {
            // It may be ours without our knowing: nothing of it was POSTed.
            let hold = self.config.lease + self.config.rescue_grace;
            self.give_backs.begin(&self.ports, request.token, hold);
        }
        Pause::StoreFailed(Arc::new(error))
    }

    /// Until a send ends or, when nothing could be started, a moment passed.
    async fn wait(
        &self,
        in_flight: &mut JoinSet<Sent>,
        report: &mut BatchReport,
        look_again: bool,
    ) {
        tokio::select! {
            biased;
            Some(ended) = in_flight.join_next() => self.note(report, ended),
            () = self.ports.clock.sleep(RECLAIM), if look_again => {}
        }
        while let Some(ended) = in_flight.try_join_next() {
            self.note(report, ended);
        }
    }

    fn note(&self, report: &mut BatchReport, ended: Result<Sent, JoinError>) {
        let word = match ended {
            Ok(sent) => {
                report.note_sent(sent);
                sent.word()
            }
            // A panic outside the gateway: the lease ends, the rescue parks it.
            Err(error) => {
                report.panicked += 1;
                tracing::error!(error = %error, "a send ended in a panic; its message will be rescued");
                Processed::Panicked
            }
        };
        self.ports.meter.note(MeterEvent::Processed(word));
    }
}
