//! Messages in doubt: taken in turn, and settled.

mod again;
mod settle;
mod take;

pub(crate) use again::again;

use crate::Db;
use async_trait::async_trait;
use dispatcher_domain::{
    InDoubt, ProbeBackoff, Resolution,
    ports::{DoubtfulMessages, StoreError},
};

/// [`DoubtfulMessages`] on the tables `messages` and `attempts`.
pub struct SqliteDoubtfulMessages {
    db: Db,
}

impl SqliteDoubtfulMessages {
    /// Over an open file.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl DoubtfulMessages for SqliteDoubtfulMessages {
    async fn take_in_doubt(
        &self,
        limit: u32,
        backoff: &ProbeBackoff,
    ) -> Result<Vec<InDoubt>, StoreError> {
        let backoff = *backoff;
        self.db.write(move |tx| take::take(tx, limit, &backoff)).await
    }

    async fn settle(&self, doubt: &InDoubt, resolution: &Resolution) -> Result<bool, StoreError> {
        let (doubt, resolution) = (doubt.clone(), resolution.clone());
        self.db.write(move |tx| settle::settle(tx, &doubt, &resolution)).await
    }
}
