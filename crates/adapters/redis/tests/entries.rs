//! What stands in Redis afterwards, as others see it, and what others wrote.

mod support;

use dispatcher_domain::{
    CachedDelivery, MessageId, MissingDelivery, Receipt, ports::DeliveryCache,
};
use dispatcher_redis::RedisConfig;
use dispatcher_testkit::TestRedis;
use std::time::Duration;
use support::{KEY, cache, config, receipt, whole_text};

#[tokio::test]
async fn an_acceptance_is_written_under_both_keys_with_their_lifetimes() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    cache(&config(&redis)).record(&receipt(7)).await?;

    assert_eq!(
        redis.command(&["GET", "delivery:7"]).await?,
        r#"{"message_id":"a-1","timestamp":"2026-03-01T12:00:00.5Z"}"#
    );
    assert_eq!(
        redis.command(&["GET", KEY]).await?,
        r#"{"attempt":3,"token":"00000000-0000-0000-0000-000000000002","message_id":"a-1","timestamp":"2026-03-01T12:00:00.5Z"}"#
    );
    for (key, lifetime) in [("delivery:7", 86_400), (KEY, 604_800)] {
        let left: i64 = redis.command(&["TTL", key]).await?.parse()?;
        assert!((lifetime - 60..=lifetime).contains(&left), "{key}: {left}");
    }
    Ok(())
}

#[tokio::test]
async fn an_acceptance_without_a_provider_id_leaves_the_receipt_alone() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let blank = Receipt { provider_message_id: None, ..receipt(7) };
    cache(&config(&redis)).record(&blank).await?;

    assert_eq!(redis.command(&["KEYS", "*"]).await?, KEY);
    assert!(redis.command(&["GET", KEY]).await?.contains(r#""message_id":null"#));
    Ok(())
}

#[tokio::test]
async fn an_entry_of_the_go_service_shows_up() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let value = r#"{"message_id":"go-1","timestamp":"2026-03-01T15:00:00.123456789+03:00"}"#;
    redis.command(&["SET", "delivery:7", value, "EX", "86400"]).await?;

    let found = cache(&config(&redis)).lookup(&[MessageId(7)]).await?;

    let delivery = &found[&MessageId(7)];
    assert_eq!(delivery.provider_message_id, "go-1");
    assert_eq!(delivery.cached_at.to_string(), "2026-03-01T12:00:00.123456789Z");
    Ok(())
}

#[tokio::test]
async fn the_number_of_the_database_is_obeyed() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let third = cache(&RedisConfig { db: 3, ..config(&redis) });
    third.record(&receipt(7)).await?;

    assert_eq!(third.lookup(&[MessageId(7)]).await?.len(), 1);
    assert_eq!(redis.command(&["DBSIZE"]).await?, "0");
    Ok(())
}

#[tokio::test]
async fn a_full_redis_is_an_error() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]).await?;

    let error = cache(&config(&redis)).record(&receipt(7)).await.unwrap_err();

    assert!(whole_text(&error).contains("OOM"), "{}", whole_text(&error));
    Ok(())
}

#[tokio::test]
async fn what_is_put_back_lives_for_the_rest_of_its_time_and_is_no_proof() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let delivery = CachedDelivery {
        provider_message_id: "a-1".to_owned(),
        cached_at: "2026-03-01T12:00:00.5Z".parse()?,
    };
    let left = Duration::from_secs(3600);
    let missing = MissingDelivery { id: MessageId(7), delivery, left };
    cache(&config(&redis)).restore(&[missing]).await?;

    assert_eq!(redis.command(&["KEYS", "*"]).await?, "delivery:7");
    assert_eq!(
        redis.command(&["GET", "delivery:7"]).await?,
        r#"{"message_id":"a-1","timestamp":"2026-03-01T12:00:00.5Z"}"#
    );
    let ttl: u64 = redis.command(&["TTL", "delivery:7"]).await?.parse()?;
    assert!((3540..=3600).contains(&ttl), "{ttl}");
    Ok(())
}

#[tokio::test]
async fn a_ping_leaves_nothing_behind() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    cache(&config(&redis)).ping().await?;
    assert_eq!(redis.command(&["DBSIZE"]).await?, "0");
    Ok(())
}

#[tokio::test]
async fn a_redis_that_answers_and_takes_nothing_is_not_well() -> anyhow::Result<()> {
    let full = TestRedis::start().await?;
    full.command(&["CONFIG", "SET", "maxmemory", "1"]).await?;
    let replica = TestRedis::start().await?;
    replica.command(&["REPLICAOF", "127.0.0.1", "1"]).await?;
    for (redis, why) in [(full, "OOM"), (replica, "READONLY")] {
        assert_eq!(redis.command(&["PING"]).await?, "PONG");
        let text = whole_text(&cache(&config(&redis)).ping().await.unwrap_err());
        assert!(text.to_uppercase().contains(why), "{text}");
    }
    Ok(())
}
