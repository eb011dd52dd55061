//! A provider that nobody can trust: nothing is said to it.

use crate::report::Bill;
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage,
    audit::Promise,
    store::Postgres,
    tls::{TlsFront, authority, file},
};
use dispatcher_testkit::wait_until;

const STORED: i32 = 3;

/// An expired certificate, one for another host, and one of an unknown
/// authority.
pub(super) async fn play(promise: Promise) -> Bill {
    let mut bill = Bill::of(format!("{}, TLS", promise.words()));
    let (ours, unknown) = (authority(), authority());
    let identities = [
        ("expired", ours.issue_expired("127.0.0.1")),
        ("for another host", ours.issue("another.example")),
        ("of an unknown authority", unknown.issue("127.0.0.1")),
    ];
    for (what, identity) in identities {
        bill.trials += 1;
        let stage = Stage::<Postgres>::with(Config::default()).await;
        stage.insert(1, STORED).await;
        let front = TlsFront::before(&stage.provider, identity).await;
        let url = front.send_url();
        let tls = [("SMS_API_URL", url.as_str()), ("SMS_CA_FILE", file(&ours))];
        let replica = stage.replica(&[&tls, promise.settings()].concat()).await;
        wait_until("the breaker opens", LIMIT, async || {
            replica.get("/health").await.1["dispatch"]["circuit_breaker"] == "open"
        })
        .await;
        let queued = stage.count("queued").await;
        bill.demand(queued == i64::from(STORED), || format!("{what}: {queued} queued"));
        let posts = stage.provider.requests().len();
        bill.demand(posts == 0, || format!("{what}: {posts} POSTs"));
    }
    bill
}
