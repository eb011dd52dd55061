//! What the tests share.
#![allow(dead_code, reason = "each test program uses a part of it")]

use dispatcher_domain::{
    IdempotencyKey, LeaseToken, MessageId, ProviderMessageId, Receipt, ports::CacheError,
};
use dispatcher_redis::{RedisConfig, RedisDeliveryCache};
use dispatcher_testkit::TestRedis;
use std::{error::Error, time::Duration};
use uuid::Uuid;

/// A connection that went silent costs a quarter of it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const KEY: &str = "receipt:00000000-0000-0000-0000-000000000001-0";

/// With patience: a machine that stalls for some seconds is no Redis that is
/// down.
pub(crate) fn config(redis: &TestRedis) -> RedisConfig {
    RedisConfig { timeout: PATIENCE, ..RedisConfig::from_url(redis.url()).unwrap() }
}

pub(crate) fn cache(config: &RedisConfig) -> RedisDeliveryCache {
    RedisDeliveryCache::new(config).unwrap()
}

pub(crate) fn receipt(id: i64) -> Receipt {
    Receipt {
        id: MessageId(id),
        key: IdempotencyKey::new(Uuid::from_u128(1), 0),
        attempt: 3,
        token: LeaseToken(Uuid::from_u128(2)),
        provider_message_id: ProviderMessageId::parse("a-1"),
        accepted_at: "2026-03-01T12:00:00.5Z".parse().unwrap(),
    }
}

/// Everything that anybody could print of an error.
pub(crate) fn whole_text(error: &CacheError) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let texts: Vec<String> = causes.map(|cause| format!("{cause} / {cause:?}")).collect();
    format!("{error} / {error:?} / {}", texts.join(" / "))
}
