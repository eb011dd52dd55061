//! The provider, and what is none: no message is lost or sent twice, and the
//! log and `/health` say what to check.

use crate::{
    impostors::{Impostor, NO_POST, NOT_FOUND, TO_HTTPS, WEB_PAGE},
    row::{Live, Row, Step, Then::Runs},
    scene::Scene,
};
use dispatcher_stage::{
    LIMIT,
    tls::{TlsFront, authority},
};
use dispatcher_testkit::wait_until;
use serde_json::{Value, json};

pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "`SMS_API_URL` is a web page",
        set: || Box::pin(async { Ok(posing(WEB_PAGE).await) }),
        then: Runs(alarms_over_three),
        says: &[ALARM, "\"reason\":\"receipt_malformed\"…check SMS_API_URL"],
        mend: "Correct it. The three messages that met the page count as `sent` without a `messageId` (reason \
               `receipt_malformed`), since a 2xx means accepted; `UPDATE messages SET sent = FALSE WHERE id IN (…)` puts \
               them back.",
    },
    Row {
        what: "`SMS_API_URL` is an address that its server does not know (404)",
        set: || Box::pin(async { Ok(posing(NOT_FOUND).await) }),
        then: Runs(fails_each),
        says: &["the provider refused a message: failed", "refused_404…check SMS_API_URL"],
        mend: "Correct it, and requeue what is `failed` with this reason (`POST /api/messages/{id}/requeue`).",
    },
    Row {
        what: "`SMS_API_URL` is a page that takes no POST (405)",
        set: || Box::pin(async { Ok(posing(NO_POST).await) }),
        then: Runs(alarms_over_none),
        says: &[ALARM, "\"reason\":\"misconfigured_405\"…check SMS_API_URL"],
        mend: "Correct it. No message was taken, and none lost its place.",
    },
    Row {
        what: "The provider redirects to another address",
        set: || Box::pin(async { Ok(posing(TO_HTTPS).await) }),
        then: Runs(alarms_over_none),
        says: &[ALARM, "\"reason\":\"misconfigured_301\"…check SMS_API_URL"],
        mend: "Write the address that it redirects to, often the same with https.",
    },
    Row {
        what: "`SMS_API_URL` is https, and the server speaks none",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("SMS_API_URL", scene.provider.send_url().replace("http:", "https:"));
                Ok(scene)
            })
        },
        then: Runs(alarms_over_none),
        says: &[
            ALARM,
            "\"reason\":\"not_sent_tls_failed\"…check SMS_CA_FILE, …http and not https, and the clock",
        ],
        mend: "Correct port or scheme. The same is said of a certificate that is not trusted (`SMS_CA_FILE`), and of a \
               good one where the clock of this machine is years off.",
    },
    Row {
        what: "`SMS_API_URL` is http, and the server speaks TLS only",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                let identity = authority().issue("127.0.0.1");
                let front = TlsFront::before(&scene.provider, identity).await;
                scene.set("SMS_API_URL", front.send_url().replace("https:", "http:"));
                scene.keep(front);
                Ok(scene)
            })
        },
        then: Runs(alarms_over_none_accepted),
        says: &[ALARM, "\"reason\":\"unknown_…the provider fails: …SMS_API_URL"],
        mend: "Write https. The three messages that met it are `unconfirmed`: the service cannot know that nothing \
               understood them. Requeue them with `force`.",
    },
    Row {
        what: "The certificate of the provider is not trusted",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                let identity = authority().issue("127.0.0.1");
                let front = TlsFront::before(&scene.provider, identity).await;
                scene.set("SMS_API_URL", front.send_url());
                scene.keep(front);
                Ok(scene)
            })
        },
        then: Runs(alarms_over_none),
        says: &[ALARM, "\"reason\":\"not_sent_tls_failed\"…SMS_CA_FILE"],
        mend: "Name the authority that signed it in `SMS_CA_FILE`.",
    },
    Row {
        what: "The host of `SMS_API_URL` has no address",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("SMS_API_URL", "https://no-such-host.invalid/send");
                Ok(scene)
            })
        },
        then: Runs(alarms_over_none),
        says: &[ALARM, "\"reason\":\"not_sent_dns_failed\"…the name of …SMS_API_URL, and DNS"],
        mend: "Correct the host, or mend DNS. Sending goes on by itself.",
    },
    Row {
        what: "Nobody listens at `SMS_API_URL`",
        set: || {
            Box::pin(async {
                let mut scene = Scene::on_file().await;
                scene.set("SMS_API_URL", "http://127.0.0.1:1/send");
                Ok(scene)
            })
        },
        then: Runs(alarms_over_none),
        says: &[ALARM, "\"reason\":\"not_sent_connect_failed\"…is up…SMS_API_URL"],
        mend: "Start the provider, or correct host and port. Sending goes on by itself.",
    },
];

const ALARM: &str = "ALARM: circuit breaker opens, sending pauses";

async fn posing(answer: &'static str) -> Scene {
    let mut scene = Scene::on_file().await;
    let impostor = Impostor::answering(answer).await;
    scene.set("SMS_API_URL", impostor.send_url());
    scene.keep(impostor);
    scene
}

/// The breaker opens and `/health` says what to check.
async fn alarms(live: &Live) {
    wait_until("/health knows", LIMIT, async || {
        let (status, health) = live.replica.get("/health").await;
        let dispatch = &health["dispatch"];
        status == 200
            && dispatch["circuit_breaker"] == "open"
            && dispatch["circuit_breaker_check"].as_str().is_some_and(|check| !check.is_empty())
    })
    .await;
    assert_eq!(live.scene.provider.ledger(), [], "none was accepted by the right one");
}

fn alarms_over_none(live: Live) -> Step<Live> {
    Box::pin(async move {
        alarms(&live).await;
        assert_eq!(live.scene.count("queued"), 3, "all keep their place");
        live
    })
}

fn alarms_over_three(live: Live) -> Step<Live> {
    Box::pin(async move {
        alarms(&live).await;
        assert_eq!(live.scene.count("sent"), 3);
        live.scene.in_file("messages.db", "UPDATE messages SET sent = FALSE WHERE id IN (1, 2, 3)");
        assert_eq!(live.scene.count("queued"), 3, "what the page advises");
        live
    })
}

fn alarms_over_none_accepted(live: Live) -> Step<Live> {
    Box::pin(async move {
        alarms(&live).await;
        assert_eq!(live.scene.count("unconfirmed"), 3);
        requeue(&live, 3, &json!({"force": true})).await;
        live
    })
}

fn fails_each(live: Live) -> Step<Live> {
    Box::pin(async move {
        wait_until("all are refused", LIMIT, async || live.scene.count("failed") == 3).await;
        requeue(&live, 3, &json!({})).await;
        live
    })
}

/// What the page advises.
async fn requeue(live: &Live, id: i64, body: &Value) {
    let (status, answer) = live.replica.post(&format!("/api/messages/{id}/requeue"), body).await;
    assert_eq!(status, 200, "{answer}");
}
