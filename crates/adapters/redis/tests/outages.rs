//! A Redis that is down, comes back, hangs, or wants another password.

mod support;

use dispatcher_domain::{MessageId, ports::DeliveryCache};
use dispatcher_redis::{RedisConfig, RedisDeliveryCache};
use dispatcher_testkit::TestRedis;
use std::{sync::Arc, time::Duration};
use support::{cache, config, receipt, whole_text};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{Instant, timeout},
};

/// Far more than any call here takes: only a test that hangs meets it.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_server_that_is_down_at_the_start_is_used_as_soon_as_it_is_up() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    redis.kill().await?;
    let cache = cache(&config(&redis));
    assert!(cache.ping().await.is_err());
    assert!(cache.record(&receipt(7)).await.is_err());

    redis.start_again().await?;
    cache.record(&receipt(7)).await?;
    assert_eq!(cache.lookup(&[MessageId(7)]).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn after_a_restart_of_the_server_the_very_next_call_works() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let cache = Arc::new(cache(&config(&redis)));
    fill_the_pool(&cache).await;

    redis.kill().await?;
    redis.start_again().await?;
    cache.record(&receipt(7)).await?;

    redis.kill().await?;
    assert!(cache.ping().await.is_err());
    redis.start_again().await?;
    cache.ping().await?;
    Ok(())
}

#[tokio::test]
async fn connections_that_redis_closed_are_replaced_unnoticed() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let cache = Arc::new(cache(&config(&redis)));
    fill_the_pool(&cache).await;

    redis.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await?;

    cache.ping().await?;
    Ok(())
}

/// Many calls at once, so that several connections are open.
async fn fill_the_pool(cache: &Arc<RedisDeliveryCache>) {
    let mut calls = tokio::task::JoinSet::new();
    for id in 0..100 {
        let cache = Arc::clone(cache);
        calls.spawn(async move { cache.record(&receipt(id)).await });
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn the_right_password_is_accepted() -> anyhow::Result<()> {
    let redis = TestRedis::start_with_password("s3cret").await?;
    cache(&config(&redis)).ping().await?;
    Ok(())
}

#[tokio::test]
async fn a_wrong_or_missing_password_is_an_error_that_does_not_repeat_it() -> anyhow::Result<()> {
    let redis = TestRedis::start_with_password("s3cret").await?;
    for wrong in [Some("wr0ng".to_owned()), None] {
        let cache = cache(&RedisConfig { password: wrong, ..config(&redis) });
        let text = whole_text(&cache.ping().await.unwrap_err());
        assert!(text.contains("authentication failed") || text.contains("NOAUTH"), "{text}");
        assert!(!text.contains("s3cret") && !text.contains("wr0ng"), "{text}");
    }
    Ok(())
}

/// In time that passes only while everybody waits.
#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up_within_the_time_out() -> anyhow::Result<()> {
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let config = RedisConfig::new("127.0.0.1", silent.local_addr()?.port());
    let cache = cache(&config);
    let started = Instant::now();
    assert!(cache.ping().await.is_err());
    assert!(cache.record(&receipt(7)).await.is_err());
    assert!(cache.lookup(&[MessageId(7)]).await.is_err());
    // The runtime's timers count in milliseconds.
    let most = (config.timeout + Duration::from_millis(5)) * 3;
    assert!(started.elapsed() <= most, "{:?}", started.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_server_that_freezes_is_given_up_and_used_again_when_it_thaws() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let cache = cache(&config(&redis));
    cache.ping().await?;

    redis.command(&["CLIENT", "PAUSE", "600000", "ALL"]).await?;
    // Nobody answers, so there is nothing to wait for but the time-out.
    tokio::time::pause();
    assert!(timeout(LIMIT, cache.ping()).await?.is_err());
    tokio::time::resume();

    redis.kill().await?;
    redis.start_again().await?;
    cache.ping().await?;
    Ok(())
}

#[tokio::test]
async fn a_connection_that_went_silent_is_replaced_within_the_call() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let (port, silence) = behind_a_router(config(&redis).port).await?;
    let cache = cache(&RedisConfig { port, ..config(&redis) });
    cache.ping().await?;

    silence.send(true)?;
    cache.record(&receipt(7)).await?;
    Ok(())
}

/// A way to Redis whose first connection forwards nothing any more, and is not
/// closed either, once it is told to be silent: as after a change of routes.
async fn behind_a_router(redis: u16) -> anyhow::Result<(u16, watch::Sender<bool>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let (silence, mut silenced) = watch::channel(false);
    tokio::spawn(async move {
        let (mut first, _) = listener.accept().await?;
        let mut redis_end = TcpStream::connect(("127.0.0.1", redis)).await?;
        tokio::select! {
            _ = copy_bidirectional(&mut first, &mut redis_end) => {}
            _ = silenced.wait_for(|silent| *silent) => {}
        }
        // `first` stays open meanwhile.
        let (mut second, _) = listener.accept().await?;
        copy_bidirectional(&mut second, &mut TcpStream::connect(("127.0.0.1", redis)).await?).await
    });
    Ok((port, silence))
}

#[tokio::test]
async fn no_ids_ask_nobody() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    redis.kill().await?;
    assert!(cache(&config(&redis)).lookup(&[]).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_connection_outlives_the_runtime_that_asked_for_it() -> anyhow::Result<()> {
    let redis = TestRedis::start().await?;
    let cache = Arc::new(cache(&config(&redis)));

    // A web worker: a runtime of its own that ends first.
    let visitor = Arc::clone(&cache);
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { visitor.ping().await.unwrap() });
    });
    tokio::task::spawn_blocking(|| worker.join().unwrap()).await?;
    cache.ping().await?;

    // Ours, and the one that asks.
    let info = redis.command(&["INFO", "stats"]).await?;
    assert!(info.contains("total_connections_received:2\r"), "{info}");
    Ok(())
}
