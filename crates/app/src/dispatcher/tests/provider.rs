//! What one outcome tells all sends.

use crate::{
    Pause,
    testing::{
        Bench, ScriptedGateway, accepted, malformed, misconfigured, not_sent, rate_limited,
        seconds, unknown,
    },
};
use dispatcher_domain::{Effect, HoldReason, Ordering, ProviderSignal, SendOutcome, Status};
use std::time::Duration;

/// One message at a time, without a quota, against `script`.
async fn judged(script: &[SendOutcome]) -> (Bench, Pause) {
    judged_by(script, Some(3)).await
}

async fn judged_by(script: &[SendOutcome], malformed_threshold: Option<u32>) -> (Bench, Pause) {
    let mut bench = Bench::new();
    bench.config.ordering = Ordering::Strict;
    bench.config.breaker.malformed_threshold = malformed_threshold;
    bench.without_quota().await;
    bench.enqueue(script.len());
    let gateway = ScriptedGateway::answering(&bench.journal, script.to_vec());
    let report = bench.batch(gateway).await;
    (bench, report.pause)
}

/// Which completions open the breaker, and why.
fn trips(bench: &Bench) -> Vec<(usize, String)> {
    let reason = |signal| match signal {
        ProviderSignal::Trip { reason, .. } => Some(reason.as_str().to_owned()),
        _ => None,
    };
    let completions = bench.journal.completions().into_iter().enumerate();
    completions.filter_map(|(n, done)| Some((n + 1, reason(done.signal)?))).collect()
}

fn held(pause: &Pause) -> Option<(HoldReason, Option<Duration>)> {
    match pause {
        Pause::Held(hold) => Some((hold.reason, hold.for_at_least)),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_slows_all_down_for_as_long_as_its_message_waits() {
    // Half of the first backoff of 30 s, unless the provider asks for more.
    for (asked, wait) in [(None, 15), (Some(2), 15), (Some(120), 120), (Some(86_400), 3600)] {
        let (bench, pause) = judged(&[rate_limited(asked.map(seconds)), accepted()]).await;
        let completion = bench.journal.completions().remove(0);
        assert_eq!(completion.signal, ProviderSignal::SlowDown { wait: seconds(wait) });
        let Effect::Requeue { after, .. } = completion.effect else { panic!("{completion:?}") };
        assert_eq!(after, seconds(wait));
        assert_eq!(held(&pause), Some((HoldReason::Throttled, Some(seconds(wait)))));
        assert_eq!(bench.journal.count("post"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_third_unknown_outcome_in_a_row_opens_the_breaker() {
    let (bench, pause) = judged(&vec![unknown(); 7]).await;
    assert_eq!(trips(&bench), [(3, "unknown_timeout".to_owned())]);
    assert_eq!(held(&pause), Some((HoldReason::BreakerOpen, Some(seconds(60)))));
    assert_eq!(bench.journal.count("post"), 3, "an outage parks a handful, not the queue");
}

#[tokio::test(start_paused = true)]
async fn the_fifth_send_that_did_not_happen_opens_it_and_the_first_message_keeps_its_place() {
    let (bench, pause) = judged(&vec![not_sent(); 7]).await;
    assert_eq!(trips(&bench), [(5, "not_sent_connect_failed".to_owned())]);
    assert_eq!(held(&pause), Some((HoldReason::BreakerOpen, Some(seconds(30)))));
    let row = bench.row(dispatcher_domain::MessageId(1));
    assert_eq!((row.status, row.not_before, row.attempt), (Status::Queued, None, 5));
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_in_between_starts_the_count_anew() {
    let mut script = vec![unknown(); 5];
    script[2] = accepted();
    let (bench, pause) = judged(&script).await;
    assert_eq!(trips(&bench), []);
    assert!(matches!(pause, Pause::Empty { .. }), "{pause:?}");
}

#[tokio::test(start_paused = true)]
async fn the_count_goes_on_over_batches() {
    let mut bench = Bench::new();
    bench.enqueue(4);
    let gateway = ScriptedGateway::answering(&bench.journal, vec![unknown(); 4]);
    let dispatcher = bench.dispatcher(gateway);
    for _ in 0..2 {
        dispatcher.run_once(&bench.drain).await;
        bench.clock.jump(seconds(120));
    }
    assert_eq!(trips(&bench), [(3, "unknown_timeout".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn the_third_receipt_without_an_id_in_a_row_opens_the_breaker() {
    let (bench, pause) = judged(&vec![malformed(); 5]).await;
    assert_eq!(trips(&bench), [(3, "receipt_malformed".to_owned())]);
    assert_eq!(held(&pause).map(|(reason, _)| reason), Some(HoldReason::BreakerOpen));
    let sent = bench.store.edit(dispatcher_domain::MessageId(3), |row| row.status);
    assert_eq!(sent, Some(Status::Sent), "accepted all the same, and never resent");
}

#[tokio::test(start_paused = true)]
async fn receipts_without_an_id_open_nothing_where_they_are_expected() {
    let (bench, pause) = judged_by(&vec![malformed(); 50], None).await;
    assert_eq!(trips(&bench), []);
    assert!(matches!(pause, Pause::Empty { .. }), "{pause:?}");
    assert_eq!(bench.journal.count("post"), 50);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_opens_the_breaker_at_once_and_keeps_the_message() {
    let (bench, pause) = judged(&[misconfigured(), accepted()]).await;
    assert_eq!(trips(&bench), [(1, "misconfigured_401".to_owned())]);
    assert_eq!(held(&pause).map(|(reason, _)| reason), Some(HoldReason::BreakerOpen));
    let row = bench.row(dispatcher_domain::MessageId(1));
    assert_eq!((row.status, row.not_before, row.tries_used), (Status::Queued, None, 0));
}
