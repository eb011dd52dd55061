//! `rediss://`: a Redis that shows a certificate.

mod support;

use dispatcher_domain::ports::DeliveryCache;
use dispatcher_redis::RedisConfig;
use dispatcher_testkit::{TestRedis, tls::Authority};
use std::{path::Path, time::Duration};
use support::{cache, config, whole_text};

const PASSWORD: &str = "hush-hush";

/// The way to `redis` by this name of its host, for those who trust the
/// authorities in `ca`.
async fn way(redis: &TestRedis, host: &str, ca: Option<&Path>) -> RedisConfig {
    let url = redis.tls_url(host).await.unwrap();
    // A handshake takes its time where many tests run.
    let timeout = Duration::from_secs(10);
    RedisConfig { ca: ca.map(Path::to_owned), timeout, ..RedisConfig::from_url(&url).unwrap() }
}

#[tokio::test]
async fn a_server_of_an_authority_in_the_file_is_trusted() -> anyhow::Result<()> {
    let authority = Authority::new()?;
    let redis = TestRedis::start_with_tls(PASSWORD, authority.issue("127.0.0.1")?).await?;
    cache(&way(&redis, "127.0.0.1", Some(authority.file())).await).ping().await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_authority_another_host_and_plain_text_are_refused() -> anyhow::Result<()> {
    let (authority, another) = (Authority::new()?, Authority::new()?);
    let redis = TestRedis::start_with_tls(PASSWORD, authority.issue("127.0.0.1")?).await?;
    // It takes our greeting for the beginning of a command, and waits for the end.
    let timeout = Duration::from_millis(200);
    let plain = RedisConfig { tls: true, timeout, ..config(&redis) };
    let refused = [
        (way(&redis, "127.0.0.1", Some(another.file())).await, "UnknownIssuer"),
        (way(&redis, "127.0.0.1", None).await, "UnknownIssuer"),
        (way(&redis, "localhost", Some(authority.file())).await, "not valid for name"),
        (RedisConfig { ca: Some(authority.file().to_owned()), ..plain }, "timed out"),
    ];
    for (config, told) in refused {
        let error = whole_text(&cache(&config).ping().await.unwrap_err());
        assert!(error.contains(told) && !error.contains(PASSWORD), "{told}: {error}");
    }
    Ok(())
}
