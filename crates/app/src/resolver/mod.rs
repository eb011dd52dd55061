//! Messages in doubt: looks for proof, then asks the policy.

mod report;

use crate::{Drain, rounds::Rounds};
use dispatcher_domain::{
    CachedReceipt, Evidence, IdempotencyKey, InDoubt, LookUp, ProbeBackoff, Resolution,
    ResolutionPolicy,
    ports::{
        Clock, DeliveryCache, DoubtfulMessages, Entropy, Meter, MeterEvent, SmsGateway, StoreError,
    },
};
use futures_util::{FutureExt, StreamExt, stream};
use report::{End, tell, word};
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

pub use report::ResolverReport;

/// Most messages of one round.
const AT_ONCE: u32 = 50;
/// Most questions to the provider at once.
const LOOK_UPS: usize = 8;
/// Between two rounds, when the last one found little.
const EVERY: Duration = Duration::from_secs(1);
/// No message is looked at more often, however short the backoff of sends is.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// What a [`Resolver`] needs of the outside world.
pub struct ResolverPorts {
    /// The messages in doubt.
    pub doubts: Arc<dyn DoubtfulMessages>,
    /// Where receipts are kept.
    pub cache: Arc<dyn DeliveryCache>,
    /// The provider, which may be able to look a message up.
    pub gateway: Arc<dyn SmsGateway>,
    /// Time of this process.
    pub clock: Arc<dyn Clock>,
    /// Chance, for the backoff.
    pub entropy: Arc<dyn Entropy>,
    /// Counts what was decided.
    pub meter: Arc<dyn Meter>,
}

/// Finds out what became of `unconfirmed` messages: by their receipts, by
/// asking the provider, and where nothing proves anything, by policy.
pub struct Resolver {
    ports: ResolverPorts,
    policy: ResolutionPolicy,
    backoff: ProbeBackoff,
}

/// The receipts of a round; `None` when the cache did not answer.
type Receipts = Option<HashMap<IdempotencyKey, CachedReceipt>>;

impl Resolver {
    /// Looks at each message as often as the policy's backoff has it, but not
    /// more than once a second.
    #[must_use]
    pub fn new(ports: ResolverPorts, policy: ResolutionPolicy) -> Self {
        let base = policy.retry.base.max(SHORTEST_WAIT);
        let backoff = ProbeBackoff { base, cap: policy.retry.cap.max(base) };
        Self { ports, policy, backoff }
    }

    /// Runs until the drain is requested.
    pub async fn run(self, drain: Drain) {
        let in_vain = "messages in doubt cannot be looked at";
        let mut rounds = Rounds::new(&self.ports.clock, &drain, EVERY, in_vain);
        while rounds.go_on() {
            rounds.pause(self.run_once(&drain).await).await;
        }
    }

    /// Looks at all messages that are due, or as many as the drain leaves time
    /// for; those that are left have their next look after their backoff.
    ///
    /// # Errors
    /// The store's; what was settled before stays settled.
    pub async fn run_once(&self, drain: &Drain) -> Result<ResolverReport, StoreError> {
        let mut report = ResolverReport::default();
        while !drain.is_requested() {
            let taken = self.ports.doubts.take_in_doubt(AT_ONCE, &self.backoff).await?;
            let is_last = taken.len() < AT_ONCE as usize;
            let receipts = self.receipts(&taken).await;
            let mut ends = stream::iter(taken)
                .map(|doubt| self.resolve(doubt, &receipts, drain))
                .buffer_unordered(LOOK_UPS);
            while let Some(end) = ends.next().await {
                report.note(end?);
            }
            if is_last {
                break;
            }
        }
        Ok(report)
    }

    /// One question for the whole round.
    async fn receipts(&self, taken: &[InDoubt]) -> Receipts {
        if taken.is_empty() {
            return Some(HashMap::new());
        }
        let keys: Vec<_> = taken.iter().map(InDoubt::key).collect();
        match self.ports.cache.receipts(&keys).await {
            Ok(receipts) => Some(receipts),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "receipts cannot be looked for");
                None
            }
        }
    }

    async fn resolve(
        &self,
        doubt: InDoubt,
        receipts: &Receipts,
        drain: &Drain,
    ) -> Result<End, StoreError> {
        let Some(evidence) = self.evidence(&doubt, receipts, drain).await else {
            return Ok(End::Drained);
        };
        let resolution = self.policy.decide(&doubt, evidence, self.ports.entropy.unit());
        if let Resolution::Wait { finding } = &resolution
            && finding.as_ref().is_none_or(|finding| *finding == doubt.reason)
        {
            self.ports.meter.note(MeterEvent::Resolved(word(&resolution)));
            return Ok(End::Waiting);
        }
        match self.ports.doubts.settle(&doubt, &resolution).await {
            Ok(true) => {
                tell(&doubt, &resolution);
                self.ports.meter.note(MeterEvent::Resolved(word(&resolution)));
                Ok(End::of(&resolution))
            }
            Ok(false) => Ok(End::Overtaken),
            Err(error) if error.is_transient() => Err(error),
            // One that the store does not understand must not hold up others.
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(id = %doubt.id, error, "a message in doubt cannot be settled");
                Ok(End::Unrecorded)
            }
        }
    }

    /// What is known, dearest last; `None` when there is no time to ask.
    async fn evidence(
        &self,
        doubt: &InDoubt,
        receipts: &Receipts,
        drain: &Drain,
    ) -> Option<Evidence> {
        let key = doubt.key();
        let receipt = receipts.as_ref().and_then(|receipts| receipts.get(&key)).cloned();
        if let Some(proof) = receipt.and_then(|receipt| Evidence::of_receipt(doubt, receipt)) {
            return Some(proof);
        }
        if drain.is_requested() {
            return None;
        }
        let asked = AssertUnwindSafe(self.ports.gateway.look_up(&key)).catch_unwind();
        let answer = tokio::select! {
            biased;
            // A panic in one question must harm no other message.
            answer = asked => answer.unwrap_or(LookUp::Failed),
            () = drain.requested() => return None,
        };
        Some(Evidence::of_look_up(answer, receipts.is_some()))
    }
}

#[cfg(test)]
mod tests;
