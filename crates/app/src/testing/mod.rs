//! What the tests of this crate share.
//!
//! Tests run with `#[tokio::test(start_paused = true)]`: time moves only when
//! everybody waits, so an hour costs nothing and a test is always the same.

mod bench;
mod clock;
mod entropy;
mod gateway;
mod journal;
mod log;
mod meter;

pub(crate) use bench::Bench;
pub(crate) use clock::{ManualClock, within};
pub(crate) use entropy::FixedEntropy;
pub(crate) use gateway::{Answer, BlockingGateway, ScriptedGateway};
pub(crate) use journal::Journal;
pub(crate) use log::Logged;
pub(crate) use meter::CountingMeter;

use dispatcher_domain::{
    ProviderMessageId, SendOutcome, UnknownCause,
    ports::{CacheError, StoreError},
};
use std::time::Duration;

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn accepted() -> SendOutcome {
    let provider_message_id = ProviderMessageId::parse("provider-1");
    SendOutcome::Accepted { provider_message_id, http_status: 202 }
}

pub(crate) fn malformed() -> SendOutcome {
    SendOutcome::Accepted { provider_message_id: None, http_status: 200 }
}

pub(crate) fn unknown() -> SendOutcome {
    SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None }
}

pub(crate) fn refused() -> SendOutcome {
    SendOutcome::Refused { http_status: 422 }
}

pub(crate) fn misconfigured() -> SendOutcome {
    SendOutcome::Misconfigured { http_status: 401 }
}

pub(crate) fn not_sent() -> SendOutcome {
    let reason = "connect_failed".to_owned();
    SendOutcome::NotSent { reason, http_status: None, retry_after: None }
}

/// An answer that this provider gives only when it accepted nothing.
pub(crate) fn unavailable_now() -> SendOutcome {
    let reason = "provider_503".to_owned();
    SendOutcome::NotSent { reason, http_status: Some(503), retry_after: None }
}

pub(crate) fn rate_limited(retry_after: Option<Duration>) -> SendOutcome {
    SendOutcome::RateLimited { http_status: 429, retry_after }
}

pub(crate) fn unavailable() -> StoreError {
    StoreError::Unavailable("connection refused".into())
}

pub(crate) fn unconfirmed() -> StoreError {
    StoreError::Unconfirmed("connection lost during COMMIT".into())
}

pub(crate) fn unexpected() -> StoreError {
    StoreError::Unexpected("column does not exist".into())
}

pub(crate) fn cache_down() -> CacheError {
    CacheError("connection refused".into())
}
