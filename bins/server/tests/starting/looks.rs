//! What is looked at while a program runs in spite of what is wrong.

use crate::row::{Live, Step};
use dispatcher_stage::LIMIT;
use dispatcher_testkit::wait_until;

/// The three messages are sent, each once.
pub(crate) fn sends(live: Live) -> Step<Live> {
    Box::pin(async move {
        live.scene.until_sent(3).await;
        assert_eq!(live.scene.provider.requests().len(), 3, "each once");
        assert_eq!(live.replica.text("/readyz").await.0, 200);
        live
    })
}

/// It lives, is not ready, and sends nothing.
pub(crate) fn waits(live: Live) -> Step<Live> {
    Box::pin(async move {
        assert_eq!(live.replica.text("/livez").await.0, 200);
        assert_eq!(live.replica.text("/readyz").await.0, 503);
        let (status, health) = live.replica.get("/health").await;
        assert_eq!((status, health["status"].as_str()), (503, Some("degraded")), "{health}");
        assert_eq!(live.scene.provider.requests(), []);
        live
    })
}

/// It lives, is not ready and has said why.
pub(crate) fn not_ready(live: Live) -> Step<Live> {
    Box::pin(async move {
        let line = "the message store is down: no send starts until it is back";
        live.replica.program.wait_for_line(line, LIMIT).await.expect("it says so");
        assert_eq!(live.replica.text("/livez").await.0, 200);
        assert_eq!(live.replica.text("/readyz").await.0, 503);
        live
    })
}

/// It says that the store fails, and sends nothing.
pub(crate) fn sends_nothing(live: Live) -> Step<Live> {
    Box::pin(async move {
        let line = "the message store fails";
        live.replica.program.wait_for_line(line, LIMIT).await.expect("it says so");
        assert_eq!(live.scene.provider.requests(), []);
        live
    })
}

/// All goes on, and `/health` says that Redis does not answer.
pub(crate) fn sends_without_redis(live: Live) -> Step<Live> {
    Box::pin(async move {
        let live = sends(live).await;
        wait_until("/health knows", LIMIT, async || {
            let (status, health) = live.replica.get("/health").await;
            status == 200
                && health["status"] == "degraded"
                && health["dependencies"]["redis"] == "unhealthy"
        })
        .await;
        let log = live.replica.log();
        let told: Vec<_> =
            log.lines().filter(|line| line.contains("the delivery cache is down")).collect();
        assert!(told.len() == 1 && told[0].contains("\"WARN\""), "one warning:\n{log}");
        live
    })
}
