//! The example, on a real PostgreSQL and a real Redis.

use dispatcher_domain::{
    IdempotencyKey, LeaseToken, MessageId, ProviderMessageId, Receipt, ports::DeliveryCache,
};
use dispatcher_order_notices::{Notices, answer};
use dispatcher_postgres::{Db, PgConfig, migrations};
use dispatcher_redis::{RedisConfig, RedisDeliveryCache};
use dispatcher_testkit::{TestDatabase, TestRedis};
use std::time::Duration;
use uuid::Uuid;

/// The shop's service, and what it works on.
struct Shop {
    database: TestDatabase,
    redis: TestRedis,
    cache: RedisDeliveryCache,
    notices: Notices,
}

impl Shop {
    async fn open() -> Self {
        let database = TestDatabase::create().await.expect("a database");
        let redis = TestRedis::start().await.expect("a Redis");
        let parts = database.parts();
        let config =
            PgConfig::new(&parts.host, parts.port, &parts.dbname, &parts.user, &parts.password);
        migrations::migrate(&config, Duration::from_secs(60)).await.expect("tables");
        let db = Db::connect_lazily(&config).expect("a pool");
        let config = RedisConfig::from_url(redis.url()).expect("an address");
        let cache = RedisDeliveryCache::new(&config).expect("a cache");
        let notices = Notices::new(&db, RedisDeliveryCache::new(&config).expect("a cache"));
        Self { database, redis, cache, notices }
    }

    async fn says(&self, line: &str) -> String {
        match answer(&self.notices, line).await {
            Ok(answer) => answer,
            Err(error) => format!("not done: {error:#}"),
        }
    }
}

#[tokio::test]
async fn a_notice_is_queued_sent_by_the_dispatcher_and_found_in_its_cache() {
    let shop = Shop::open().await;

    assert_eq!(shop.says("shipped 4711 +905551234567").await, "notice 1 of order 4711");
    assert_eq!(shop.says("notice 1").await, "queued");

    // What a dispatcher leaves behind when it has sent.
    shop.cache
        .record(&Receipt {
            id: MessageId(1),
            key: IdempotencyKey::new(Uuid::from_u128(1), 0),
            attempt: 1,
            token: LeaseToken(Uuid::from_u128(2)),
            provider_message_id: ProviderMessageId::parse("a-1"),
            accepted_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        })
        .await
        .unwrap();
    assert_eq!(shop.says("notice 1").await, "sent, the provider calls it a-1");
}

#[tokio::test]
async fn the_database_answers_when_the_cache_is_down() {
    let shop = Shop::open().await;
    shop.says("shipped 4711 +905551234567").await;
    let sql = shop.database.client().await.unwrap();
    sql.execute("UPDATE messages SET sent = TRUE", &[]).await.unwrap();
    shop.redis.kill().await.unwrap();

    assert_eq!(shop.says("notice 1").await, "sent (marked_by_sql)");
}

#[tokio::test]
async fn nothing_is_queued_for_a_number_that_is_none() {
    let shop = Shop::open().await;

    assert!(shop.says("shipped 4711 12").await.starts_with("not done: the customer's number"));
    assert_eq!(shop.says("notice 1").await, "not done: there is no notice 1");
    assert!(shop.says("hello").await.contains("shipped ORDER PHONE"));
}
