//! The queue protocol: one file per step.

use crate::{Db, claim, completion, enqueue, expiry, release, rescue};
use async_trait::async_trait;
use dispatcher_domain::{
    Claim, ClaimRequest, Completion, Lease, LeaseToken, MessageId, NewMessage, Terms,
    ports::{Enqueued, MessageRepo, Recorded, Rescued, StoreError},
};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// [`MessageRepo`] on the tables `messages`, `attempts` and `dispatch_control`.
pub struct PgMessageRepo {
    db: Db,
    /// Whether the last START met a queue that needs no control row. A hint:
    /// each START looks again.
    ungated: AtomicBool,
}

impl PgMessageRepo {
    /// Over a pool.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, ungated: AtomicBool::new(false) }
    }
}

#[async_trait]
impl MessageRepo for PgMessageRepo {
    async fn enqueue(&self, message: &NewMessage, terms: &Terms) -> Result<Enqueued, StoreError> {
        enqueue::enqueue(self.db.begin().await?, message, terms).await
    }

    async fn claim_due(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        if self.ungated.load(Ordering::Relaxed) {
            if let Some(claim) = claim::ungated(self.db.begin().await?, request).await? {
                return Ok(claim);
            }
            self.ungated.store(false, Ordering::Relaxed);
        }
        let (claim, paced) = claim::gated(self.db.begin().await?, request).await?;
        self.ungated.store(!paced, Ordering::Relaxed);
        Ok(claim)
    }

    async fn record_outcome(
        &self,
        id: MessageId,
        lease: &Lease,
        completion: &Completion,
    ) -> Result<Recorded, StoreError> {
        completion::record(self.db.begin().await?, id, lease, completion).await
    }

    async fn release(&self, id: MessageId, lease: &Lease) -> Result<bool, StoreError> {
        release::one(self.db.begin().await?, id, lease).await
    }

    async fn release_claim(&self, token: LeaseToken) -> Result<u64, StoreError> {
        release::claim(self.db.begin().await?, token).await
    }

    async fn expire_overdue(&self, limit: u32) -> Result<Vec<MessageId>, StoreError> {
        expiry::sweep(self.db.begin().await?, limit).await
    }

    async fn rescue_expired(
        &self,
        grace: Duration,
        limit: u32,
    ) -> Result<Vec<Rescued>, StoreError> {
        rescue::expired(self.db.begin().await?, grace, limit).await
    }
}
