//! The queue: one file for each step of the protocol.

use crate::{Db, claim, completion, enqueue, expiry, release, rescue};
use async_trait::async_trait;
use dispatcher_domain::{
    Claim, ClaimRequest, Completion, Lease, LeaseToken, MessageId, NewMessage, Terms,
    ports::{Enqueued, MessageRepo, Recorded, Rescued, StoreError},
};
use std::time::Duration;

/// [`MessageRepo`] on the tables `messages` and `attempts`. Each call is one
/// transaction.
pub struct SqliteMessageRepo {
    db: Db,
}

impl SqliteMessageRepo {
    /// Over an open file.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MessageRepo for SqliteMessageRepo {
    async fn enqueue(&self, message: &NewMessage, terms: &Terms) -> Result<Enqueued, StoreError> {
        let (message, terms) = (message.clone(), *terms);
        self.db.write(move |tx| enqueue::enqueue(tx, &message, &terms)).await
    }

    async fn claim_due(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let request = request.clone();
        self.db.write(move |tx| claim::due(tx, &request)).await
    }

    async fn record_outcome(
        &self,
        id: MessageId,
        lease: &Lease,
        completion: &Completion,
    ) -> Result<Recorded, StoreError> {
        let (lease, completion) = (lease.clone(), completion.clone());
        self.db.write(move |tx| completion::record(tx, id, &lease, &completion)).await
    }

    async fn release(&self, id: MessageId, lease: &Lease) -> Result<bool, StoreError> {
        let lease = lease.clone();
        self.db.write(move |tx| release::one(tx, id, &lease)).await
    }

    async fn release_claim(&self, token: LeaseToken) -> Result<u64, StoreError> {
        self.db.write(move |tx| release::claim(tx, token)).await
    }

    async fn expire_overdue(&self, limit: u32) -> Result<Vec<MessageId>, StoreError> {
        self.db.write(move |tx| expiry::expire(tx, limit)).await
    }

    async fn rescue_expired(
        &self,
        grace: Duration,
        limit: u32,
    ) -> Result<Vec<Rescued>, StoreError> {
        self.db.write(move |tx| rescue::expired(tx, grace, limit)).await
    }
}
