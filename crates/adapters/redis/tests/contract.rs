//! The suite that every delivery cache must pass, on a real server.

use dispatcher_contract::delivery_cache;
use dispatcher_domain::IdempotencyKey;
use dispatcher_redis::{RedisConfig, RedisDeliveryCache};
use dispatcher_testkit::TestRedis;
use std::time::Duration;

#[tokio::test]
async fn redis_is_a_delivery_cache() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    // A machine that stalls for some seconds is no Redis that is down.
    let timeout = Duration::from_secs(20);
    let config = RedisConfig { timeout, ..RedisConfig::from_url(redis.url())? };
    let cache = RedisDeliveryCache::new(&config)?;
    delivery_cache::all(&cache).await?;

    let spoilt = [
        vec!["SET", "{key}", "<html>"],
        vec!["SET", "{key}", r#"{"message_id":"a-1"}"#],
        vec!["LPUSH", "{key}", "a list"],
    ];
    for command in spoilt {
        let write = async |key: String| {
            let words: Vec<_> =
                command.iter().map(|word| if *word == "{key}" { &key } else { *word }).collect();
            redis.command(&words).await.unwrap();
        };
        let spoil = async |id| write(format!("delivery:{id}")).await;
        delivery_cache::an_entry_that_cannot_be_read_is_left_out(&cache, spoil).await?;
        let spoil = async |key: IdempotencyKey| write(format!("receipt:{}", key.as_str())).await;
        delivery_cache::a_receipt_that_cannot_be_read_is_left_out(&cache, spoil).await?;
    }
    Ok(())
}
