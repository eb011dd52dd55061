//! Claims by time and result, what claims find on the way, outcomes that could
//! not be recorded, rescues, and messages that were not sent in time.

use super::Gauge;
use async_trait::async_trait;
use dispatcher_domain::{
    Claim, ClaimRequest, ClaimResult, Completion, Lease, LeaseToken, MessageId, NewMessage, Terms,
    ports::{
        ClaimWord, Clock, Enqueued, MessageRepo, Meter, MeterEvent, Recorded, Rescued, StoreError,
    },
};
use std::{sync::Arc, time::Duration};

/// Counts the steps of the queue protocol.
pub struct MeteredMessages {
    inner: Arc<dyn MessageRepo>,
    gauge: Gauge,
}

impl MeteredMessages {
    /// Counts what goes through `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn MessageRepo>, meter: Arc<dyn Meter>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, gauge: Gauge { meter, clock } }
    }

    fn note(&self, event: MeterEvent) {
        self.gauge.meter.note(event);
    }

    fn expired(&self, ids: &[MessageId]) {
        ids.iter().for_each(|_| self.note(MeterEvent::Expired));
    }

    fn found(&self, claim: &Claim) {
        claim.rejected.iter().for_each(|_| self.note(MeterEvent::Rejected));
        self.expired(&claim.expired);
        claim.alarms.iter().for_each(|alarm| self.note(MeterEvent::ClockMended(*alarm)));
    }
}

#[async_trait]
impl MessageRepo for MeteredMessages {
    async fn enqueue(&self, message: &NewMessage, terms: &Terms) -> Result<Enqueued, StoreError> {
        self.inner.enqueue(message, terms).await
    }

    async fn claim_due(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let (answer, took) = self.gauge.time(self.inner.claim_due(request)).await;
        let result = answer.as_ref().map_or(ClaimWord::Failed, |claim| word(&claim.result));
        self.note(MeterEvent::Claimed { result, took });
        answer.inspect(|claim| self.found(claim))
    }

    async fn record_outcome(
        &self,
        id: MessageId,
        lease: &Lease,
        completion: &Completion,
    ) -> Result<Recorded, StoreError> {
        let answer = self.inner.record_outcome(id, lease, completion).await;
        answer.inspect_err(|_| self.note(MeterEvent::RecordRetried))
    }

    async fn release(&self, id: MessageId, lease: &Lease) -> Result<bool, StoreError> {
        self.inner.release(id, lease).await
    }

    async fn release_claim(&self, token: LeaseToken) -> Result<u64, StoreError> {
        self.inner.release_claim(token).await
    }

    async fn expire_overdue(&self, limit: u32) -> Result<Vec<MessageId>, StoreError> {
        self.inner.expire_overdue(limit).await.inspect(|ids| self.expired(ids))
    }

    async fn rescue_expired(
        &self,
        grace: Duration,
        limit: u32,
    ) -> Result<Vec<Rescued>, StoreError> {
        let answer = self.inner.rescue_expired(grace, limit).await;
        answer.inspect(|rescued| rescued.iter().for_each(|_| self.note(MeterEvent::Rescued)))
    }
}

fn word(result: &ClaimResult) -> ClaimWord {
    match result {
        ClaimResult::Started(_) => ClaimWord::Started,
        ClaimResult::Empty { .. } => ClaimWord::Empty,
        ClaimResult::Held(_) => ClaimWord::Held,
    }
}
