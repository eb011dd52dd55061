//! Why a call failed; the cause inside of [`CacheError`].

use deadpool_redis::{
    PoolError,
    redis::{ErrorKind, RedisError},
};
use dispatcher_domain::ports::CacheError;
use std::time::Duration;
use tokio::task::JoinError;

/// Why a call failed. No text here holds the password: Redis does not repeat
/// it, and the driver hides it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("no connection to Redis{}", in_pool(.0))]
    Connection(#[from] PoolError),
    #[error("Redis did not do as asked{}", what_to_check(.0))]
    Command(#[from] RedisError),
    #[error("Redis did not answer within {0:?}")]
    Timeout(Duration),
    #[error("the runtime that owns the connections to Redis has ended")]
    Runtime(#[from] JoinError),
    #[error("an entry cannot be written as JSON")]
    Entry(#[from] serde_json::Error),
}

fn in_pool(error: &PoolError) -> &'static str {
    match error {
        PoolError::Backend(error) => what_to_check(error),
        _ => "",
    }
}

/// What an operator has to look at, where the answer tells.
fn what_to_check(error: &RedisError) -> &'static str {
    // What the driver asks for itself, it tells in words of its own.
    let text = error.to_string();
    let tells = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if error.kind() == ErrorKind::Parse || tells(&["Parse error"]) {
        " (what answers is not Redis: check host and port)"
    } else if error.kind() == ErrorKind::AuthenticationFailed || tells(&["NOAUTH", "WRONGPASS"]) {
        " (check user and password)"
    } else if tells(&["DB index is out of range"]) {
        " (it has no database of that number)"
    } else {
        ""
    }
}

impl From<CallError> for CacheError {
    fn from(error: CallError) -> Self {
        Self(Box::new(error))
    }
}
