//! Why a call failed; the cause inside of [`CacheError`].

use deadpool_redis::{PoolError, redis::RedisError};
use dispatcher_domain::ports::CacheError;
use std::time::Duration;
use tokio::task::JoinError;

/// Why a call failed. No text here holds the password: Redis does not repeat
/// it, and the driver hides it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("no connection to Redis")]
    Connection(#[from] PoolError),
    #[error("Redis did not do as asked")]
    Command(#[from] RedisError),
    #[error("Redis did not answer within {0:?}")]
    Timeout(Duration),
    #[error("the runtime that owns the connections to Redis has ended")]
    Runtime(#[from] JoinError),
    #[error("an entry cannot be written as JSON")]
    Entry(#[from] serde_json::Error),
}

impl From<CallError> for CacheError {
    fn from(error: CallError) -> Self {
        Self(Box::new(error))
    }
}
