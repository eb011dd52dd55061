//! A provider over TLS: whom the real program trusts, and what it does with
//! messages for one that it does not.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Replica, Stage,
    tls::{TlsFront, authority, file},
};
use dispatcher_testkit::wait_until;

const STORED: i32 = 6;

async fn stage() -> Stage {
    let stage = Stage::set(Config::default()).await;
    stage.insert(1, STORED).await;
    stage
}

/// Five sends fail before anything is said, the breaker opens, and the queue
/// stands as it stood.
async fn nothing_is_said(stage: &Stage, replica: &Replica) {
    wait_until("the breaker opens", LIMIT, async || {
        replica.get("/health").await.1["dispatch"]["circuit_breaker"] == "open"
    })
    .await;
    stage.keep_breaker_open().await;
    let health = replica.health().await;
    assert_eq!(health["dispatch"]["circuit_breaker_reason"], "not_sent_tls_failed");
    assert_eq!(stage.provider.requests(), []);
    assert_eq!(stage.count("queued").await, i64::from(STORED));
    assert_eq!(stage.status(1).await, ("queued".into(), Some("not_sent_tls_failed".into())));
    let sql = "SELECT count(*) FROM messages \
               WHERE tries_used > 0 OR unknown_outcomes > 0 OR not_before IS NOT NULL";
    assert_eq!(stage.sql.query_one(sql, &[]).await.expect("a count").get::<_, i64>(0), 0);
    replica.until_logged("ALARM: circuit breaker opens", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_of_an_authority_in_sms_ca_file_gets_its_messages() {
    let (stage, authority) = (stage().await, authority());
    let front = TlsFront::before(&stage.provider, authority.issue("127.0.0.1")).await;
    let url = front.send_url();
    let _replica = stage.replica(&[("SMS_API_URL", &url), ("SMS_CA_FILE", file(&authority))]).await;
    stage.until_all_are_final().await;
    assert_eq!(stage.count("sent").await, i64::from(STORED));
    assert_eq!(stage.provider.requests().len(), STORED as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_whose_certificate_is_not_acceptable_gets_nothing() {
    let (authority, other) = (authority(), authority());
    let cases = [
        (authority.issue_expired("127.0.0.1"), file(&authority)),
        (authority.issue("another.example"), file(&authority)),
        (authority.issue("127.0.0.1"), file(&other)),
        // Without a file the system's authorities decide.
        (authority.issue("127.0.0.1"), ""),
    ];
    for (identity, file) in cases {
        let stage = stage().await;
        let front = TlsFront::before(&stage.provider, identity).await;
        let url = front.send_url();
        let replica = stage.replica(&[("SMS_API_URL", &url), ("SMS_CA_FILE", file)]).await;
        nothing_is_said(&stage, &replica).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_redirects_over_tls_is_not_followed() {
    let (stage, authority) = (stage().await, authority());
    let elsewhere = dispatcher_mock_provider::MockProvider::start(Config::default()).await.unwrap();
    let script = format!("then redirect={}", elsewhere.send_url());
    stage.provider.script(script.parse().expect("a script"));
    let front = TlsFront::before(&stage.provider, authority.issue("127.0.0.1")).await;
    let url = front.send_url();
    let replica = stage.replica(&[("SMS_API_URL", &url), ("SMS_CA_FILE", file(&authority))]).await;
    wait_until("the breaker opens", LIMIT, async || {
        replica.get("/health").await.1["dispatch"]["circuit_breaker"] == "open"
    })
    .await;
    assert_eq!((stage.provider.requests().len(), elsewhere.requests().len()), (1, 0));
    assert_eq!(stage.status(1).await, ("queued".into(), Some("misconfigured_307".into())));
}
