//! Messages in doubt: taken in turn, and settled.

mod settle;
mod take;

use crate::Db;
use async_trait::async_trait;
use dispatcher_domain::{
    InDoubt, ProbeBackoff, Resolution,
    ports::{DoubtfulMessages, StoreError},
};

/// [`DoubtfulMessages`] on the tables `messages` and `attempts`.
pub struct PgDoubtfulMessages {
    db: Db,
}

impl PgDoubtfulMessages {
    /// Over a pool.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl DoubtfulMessages for PgDoubtfulMessages {
    async fn take_in_doubt(
        &self,
        limit: u32,
        backoff: &ProbeBackoff,
    ) -> Result<Vec<InDoubt>, StoreError> {
        take::take(self.db.begin().await?, limit, backoff).await
    }

    async fn settle(&self, doubt: &InDoubt, resolution: &Resolution) -> Result<bool, StoreError> {
        settle::settle(self.db.begin().await?, doubt, resolution).await
    }
}
