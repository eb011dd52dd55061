//! A Redis beside the queue.

use super::{LIMIT, Replica, Stage};
use dispatcher_mock_provider::Config;
use dispatcher_testkit::{TestRedis, wait_until};

/// What the log says of a cache that is down.
pub const DOWN: &str = "the delivery cache is down";

/// A stage with a Redis, and one replica that uses it.
pub struct World {
    pub stage: Stage,
    pub redis: TestRedis,
    pub replica: Replica,
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these settings beside the usual ones.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let redis = TestRedis::start().await.expect("a Redis");
        let url = redis.url().to_owned();
        Self::start_on(redis, &[&[("REDIS_URL", url.as_str())], settings].concat()).await
    }

    /// With this Redis, and settings that name it.
    pub async fn start_on(redis: TestRedis, settings: &[(&str, &str)]) -> Self {
        let stage = Stage::set(Config::default()).await;
        let replica = stage.replica(settings).await;
        Self { stage, redis, replica }
    }

    /// Sends `count` messages more, numbered from `first`.
    pub async fn send(&self, first: i32, count: i32) {
        self.stage.insert(first, count).await;
        let all = i64::from(first + count - 1);
        wait_until("they are sent", LIMIT, async || self.stage.count("sent").await == all).await;
    }

    pub async fn redis(&self, command: &[&str]) -> String {
        self.redis.command(command).await.expect("an answer of Redis")
    }

    /// Until `/health` says so.
    pub async fn until_redis_is(&self, word: &str) {
        wait_until("/health knows", LIMIT, async || {
            // It is 200 all the same: sending goes on without Redis.
            let health = self.replica.health().await;
            let whole = if word == "healthy" { "healthy" } else { "degraded" };
            health["dependencies"]["redis"] == word && health["status"] == whole
        })
        .await;
    }

    /// How often the log says that the cache is down, and that it is back, once
    /// the replica has ended: until then a line may be on its way.
    pub async fn changes_in_the_log(&mut self) -> (usize, usize) {
        assert!(self.replica.terminate().await.success());
        let log = self.replica.log();
        let lines = |text| log.lines().filter(|line| line.contains(text)).count();
        (lines(DOWN), lines("the delivery cache is back"))
    }

    /// The rest of the time that `key` has, in seconds.
    pub async fn ttl(&self, key: &str) -> i64 {
        self.redis(&["TTL", key]).await.parse().expect("a number")
    }
}
