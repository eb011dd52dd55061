//! One provider misbehaviour at a time: what becomes of the message that meets
//! it (status, reason, one POST) and of the one behind it (goes on with the
//! breaker closed, or waits). Each case has a database, a provider and a replica
//! of its own. A provider that cannot be reached is in `breaker.rs`, one whose
//! certificate is not acceptable in `provider_tls.rs`.

use dispatcher_mock_provider::{Config, MockProvider, Script};
use dispatcher_stage::{
    Stage,
    case::{Case, Then, play},
    over_both_stores,
    store::Store,
};

const ACCEPTED: Case = Case {
    script: "accept",
    settings: &[],
    status: "sent",
    reason: None,
    in_ledger: true,
    waits: None,
    then: Then::GoesOn,
};
/// Accepted, without an id that we can read.
const MALFORMED: Case = Case { reason: Some("receipt_malformed"), ..ACCEPTED };
const REFUSED: Case = Case { status: "failed", in_ledger: false, ..ACCEPTED };
const MISCONFIGURED: Case =
    Case { status: "queued", in_ledger: false, then: Then::Breaker, ..ACCEPTED };
const UNKNOWN: Case = Case { status: "unconfirmed", in_ledger: false, ..ACCEPTED };
const TIMED_OUT: Case = Case { reason: Some("unknown_timeout"), settings: &[TIME_OUT], ..UNKNOWN };
/// The next message must be answered within it, on a machine that stalls.
const TIME_OUT: (&str, &str) = ("SEND_TIMEOUT", "8s");
const THROTTLED: Case = Case {
    status: "queued",
    reason: Some("rate_limited_429"),
    in_ledger: false,
    then: Then::Throttle,
    ..ACCEPTED
};
const NOT_SENT: Case = Case {
    status: "queued",
    reason: Some("not_sent_503"),
    settings: &[("PROVIDER_NOT_SENT_STATUSES", "429,503"), LONG_BACKOFF[0], LONG_BACKOFF[1]],
    waits: BACKOFF,
    in_ledger: false,
    ..ACCEPTED
};
/// Drawn evenly from a month: a wait of less than a minute does not happen.
const LONG_BACKOFF: [(&str, &str); 2] = [("RETRY_BASE", "720h"), ("RETRY_CAP", "720h")];
const BACKOFF: Option<(f64, f64)> = Some((1.0, 720.0 * 3600.0));

over_both_stores!(
    a_success_with_an_id_is_sent,
    a_success_without_an_id_is_sent_and_never_sent_again,
    #[cfg(target_os = "linux")]
    a_body_without_end_is_not_kept,
    a_refusal_is_final_and_the_next_message_goes_on,
    a_wrong_token_or_address_holds_all_messages_and_costs_none,
    a_redirect_is_never_followed,
    an_answer_that_does_not_tell_parks_the_message,
    no_answer_parks_the_message,
    a_429_makes_all_wait_as_long_as_the_provider_says_or_the_backoff,
    a_status_that_means_not_sent_makes_one_message_wait,
);

async fn a_success_with_an_id_is_sent<S: Store>() {
    play::<S>(&[
        ACCEPTED,
        Case { script: "accept-with=201", ..ACCEPTED },
        Case { script: "accept-with=202", ..ACCEPTED },
        // One id for all messages: the provider's affair.
        Case { script: "then accept-with=200;body='{\"messageId\":\"same\"}'", ..ACCEPTED },
    ])
    .await;
}

async fn a_success_without_an_id_is_sent_and_never_sent_again<S: Store>() {
    play::<S>(&[
        Case { script: "accept-with=204", ..MALFORMED },
        Case { script: "empty", ..MALFORMED },
        Case { script: "accept-with=200;body=OK", ..MALFORMED },
        Case { script: "accept-with=200;body='{\"messageId\":\"\"}'", ..MALFORMED },
        Case { script: "garbage", ..MALFORMED },
        Case { script: "gzip-bomb=16777216", ..MALFORMED },
        Case { script: "drop-mid-body", ..MALFORMED },
        Case { script: "drip=1s", settings: TIMED_OUT.settings, ..MALFORMED },
        // A captive portal lies, and nobody can tell.
        Case { script: "status=200;body='<html>log in</html>'", in_ledger: false, ..MALFORMED },
    ])
    .await;
}

#[cfg(target_os = "linux")]
async fn a_body_without_end_is_not_kept<S: Store>() {
    let stage =
        Stage::<S>::with(Config::scripted("huge=1073741824".parse::<Script>().unwrap())).await;
    let replica = stage.replica(&[]).await;
    let before = replica.footprint().expect("a process").peak;
    stage.insert(1, 2).await;
    stage.until_all_are_final().await;
    assert_eq!(stage.status(1).await, ("sent".into(), Some("receipt_malformed".into())));
    let grown = replica.footprint().expect("a process").peak - before;
    assert!(grown < 64 * 1024, "{grown} KiB more, for a body of a GiB");
}

async fn a_refusal_is_final_and_the_next_message_goes_on<S: Store>() {
    play::<S>(&[
        Case { script: "status=400", reason: Some("refused_400"), ..REFUSED },
        Case { script: "status=404", reason: Some("refused_404"), ..REFUSED },
        Case { script: "status=409", reason: Some("refused_409"), ..REFUSED },
        Case { script: "status=413", reason: Some("refused_413"), ..REFUSED },
        Case { script: "status=422", reason: Some("refused_422"), ..REFUSED },
        Case { script: "status=451", reason: Some("refused_451"), ..REFUSED },
    ])
    .await;
}

async fn a_wrong_token_or_address_holds_all_messages_and_costs_none<S: Store>() {
    play::<S>(&[
        Case { script: "status=401", reason: Some("misconfigured_401"), ..MISCONFIGURED },
        Case { script: "status=403", reason: Some("misconfigured_403"), ..MISCONFIGURED },
        Case { script: "status=301", reason: Some("misconfigured_301"), ..MISCONFIGURED },
        Case { script: "status=302", reason: Some("misconfigured_302"), ..MISCONFIGURED },
        Case { script: "status=304", reason: Some("misconfigured_304"), ..MISCONFIGURED },
    ])
    .await;
}

async fn a_redirect_is_never_followed<S: Store>() {
    let elsewhere = MockProvider::start(Config::default()).await.expect("a provider");
    let script: &'static str = format!("redirect={}", elsewhere.send_url()).leak();
    play::<S>(&[Case { script, reason: Some("misconfigured_307"), ..MISCONFIGURED }]).await;
    assert_eq!(elsewhere.requests(), [], "the message and the token went elsewhere");
}

async fn an_answer_that_does_not_tell_parks_the_message<S: Store>() {
    play::<S>(&[
        Case { script: "status=408", reason: Some("unknown_408"), ..UNKNOWN },
        Case { script: "status=500", reason: Some("unknown_500"), ..UNKNOWN },
        Case { script: "accept-with=500", reason: Some("unknown_500"), in_ledger: true, ..UNKNOWN },
        Case { script: "status=503;retry_after=1", reason: Some("unknown_503"), ..UNKNOWN },
    ])
    .await;
}

async fn no_answer_parks_the_message<S: Store>() {
    let lost = Case { reason: Some("unknown_connection_lost"), ..UNKNOWN };
    play::<S>(&[
        Case { script: "hang-before", ..TIMED_OUT },
        Case { script: "hang-after", in_ledger: true, ..TIMED_OUT },
        Case { script: "drop-before", ..lost },
        Case { script: "drop-after", in_ledger: true, ..lost },
        Case { script: "reset-after", in_ledger: true, ..lost },
        Case { script: "no-http", ..lost },
    ])
    .await;
}

async fn a_429_makes_all_wait_as_long_as_the_provider_says_or_the_backoff<S: Store>() {
    const TEN_HOURS: f64 = 36_000.0;
    let exactly = Some((TEN_HOURS - 60.0, TEN_HOURS));
    let about = Some((TEN_HOURS - 3600.0, TEN_HOURS + 60.0));
    let long = &[("RETRY_CAP", "24h")];
    let capped = &[("RETRY_BASE", "1s"), ("RETRY_CAP", "10h")];
    let (script, waits) = ("status=429;retry_after=99999999", exactly);
    play::<S>(&[
        Case {
            script: "status=429;retry_after=36000",
            waits: exactly,
            settings: long,
            ..THROTTLED
        },
        Case { script: "status=429;retry_after='DATE'", waits: about, settings: long, ..THROTTLED },
        Case { script, waits, settings: capped, ..THROTTLED },
        Case {
            script: "status=429;retry_after=soon",
            waits: BACKOFF,
            settings: &LONG_BACKOFF,
            ..THROTTLED
        },
        Case { script: "status=429", waits: BACKOFF, settings: &LONG_BACKOFF, ..THROTTLED },
    ])
    .await;
}

async fn a_status_that_means_not_sent_makes_one_message_wait<S: Store>() {
    play::<S>(&[
        Case { script: "status=503", ..NOT_SENT },
        Case { script: "status=503;retry_after=120", ..NOT_SENT },
    ])
    .await;
}
