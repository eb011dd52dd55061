//! Redis over TLS: whom the real program trusts; without one that it trusts,
//! sending goes on.

use dispatcher_stage::{
    LIMIT,
    redis_world::World,
    tls::{authority, file},
};
use dispatcher_testkit::{
    TestRedis,
    tls::{Authority, Identity},
    wait_until,
};

const PASSWORD: &str = "hush-hush-redis";

/// A Redis with this certificate, and a replica that reaches it by `host` and
/// trusts `authority`.
async fn world(identity: Identity, host: &str, authority: &Authority) -> World {
    let redis = TestRedis::start_with_tls(PASSWORD, identity).await.expect("a Redis");
    let url = redis.tls_url(host).await.expect("its URL");
    // A handshake takes its time where many tests run.
    let settings =
        [("REDIS_URL", &*url), ("REDIS_CA_FILE", file(authority)), ("REDIS_TIMEOUT", "10s")];
    World::start_on(redis, &settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_of_an_authority_in_redis_ca_file_gets_the_receipts() {
    let authority = authority();
    let identity = authority.issue("127.0.0.1").expect("a certificate");
    let world = world(identity, "127.0.0.1", &authority).await;
    world.until_redis_is("healthy").await;
    world.send(1, 2).await;
    wait_until("both are written", LIMIT, async || {
        world.redis(&["EXISTS", "delivery:1", "delivery:2"]).await == "2"
    })
    .await;
    assert!(!world.replica.log().contains(PASSWORD), "{}", world.replica.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_whose_certificate_is_not_acceptable_gets_nothing_and_sending_goes_on() {
    let (ours, other) = (authority(), authority());
    let good = || ours.issue("127.0.0.1").expect("a certificate");
    let over = ours.issue_expired("127.0.0.1").expect("a certificate");
    let cases = [
        (good(), "localhost", &ours, "not valid for name"),
        (good(), "127.0.0.1", &other, "UnknownIssuer"),
        (over, "127.0.0.1", &ours, "certificate expired"),
    ];
    for (identity, host, authority, told) in cases {
        let world = world(identity, host, authority).await;
        world.send(1, 2).await;
        world.until_redis_is("unhealthy").await;
        let log = world.replica.log();
        let line = log.lines().find(|line| line.contains("the delivery cache is down"));
        assert!(line.is_some_and(|line| line.contains(told)), "{told}: {log}");
        assert!(!log.contains(PASSWORD), "{log}");
        assert_eq!(world.redis(&["DBSIZE"]).await, "0");
    }
}
