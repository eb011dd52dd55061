//! The breaker opens and closes: each is told once by each replica.

use crate::{
    BatchReport,
    testing::{
        Bench, BlockingGateway, CountingMeter, Logged, ScriptedGateway, misconfigured, not_sent,
        seconds,
    },
};
use dispatcher_domain::{
    ControlState, Status,
    ports::{Clock, DispatchControl, MeterEvent, Processed},
};

/// What was told of the breaker: open, closed, …
fn turns(meter: &CountingMeter) -> Vec<bool> {
    let turn = |event| match event {
        MeterEvent::BreakerTurned { open } => Some(open),
        _ => None,
    };
    meter.events().into_iter().filter_map(turn).collect()
}

async fn breaker_opens(bench: &mut Bench) -> BatchReport {
    bench.without_quota().await;
    bench.enqueue(3);
    let gateway = ScriptedGateway::answering(&bench.journal, [misconfigured()]);
    bench.batch(gateway).await
}

#[tokio::test(start_paused = true)]
async fn an_opening_is_told_once_however_long_it_lasts() {
    let mut bench = Bench::new();
    bench.without_quota().await;
    bench.enqueue(3);
    let gateway = ScriptedGateway::answering(&bench.journal, [misconfigured()]);
    let dispatcher = bench.dispatcher(gateway);
    for _ in 0..5 {
        dispatcher.run_once(&bench.drain).await;
    }
    assert_eq!(turns(&bench.meter), [true]);
}

#[tokio::test(start_paused = true)]
async fn many_sends_that_fail_together_tell_it_once() {
    let mut bench = Bench::unordered(8).await;
    bench.enqueue(8);
    let gateway = BlockingGateway::answering(misconfigured());
    let batch = bench.begin_batch(gateway.clone());
    gateway.begun(8).await;
    gateway.release(8);
    batch.await.unwrap();
    assert_eq!(turns(&bench.meter), [true]);
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_only_finds_it_open_tells_it_too() {
    let mut bench = Bench::new();
    breaker_opens(&mut bench).await;
    let other = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    let before = bench.meter.events().len();
    other.run_once(&bench.drain).await;
    assert_eq!(bench.meter.events()[before..], [MeterEvent::BreakerTurned { open: true }]);
}

#[tokio::test(start_paused = true)]
async fn a_closing_is_told_once_the_probe_succeeded_and_not_before() {
    let mut bench = Bench::new();
    bench.without_quota().await;
    let ids = bench.enqueue(3);
    let script = [misconfigured(), misconfigured()];
    let dispatcher = bench.dispatcher(ScriptedGateway::answering(&bench.journal, script));
    dispatcher.run_once(&bench.drain).await;
    // The first probe fails: that is no transition.
    bench.clock.sleep(seconds(30)).await;
    dispatcher.run_once(&bench.drain).await;
    assert_eq!(turns(&bench.meter), [true]);
    bench.clock.sleep(seconds(60)).await;
    dispatcher.run_once(&bench.drain).await;
    assert_eq!(bench.statuses(&ids), [Status::Sent; 3]);
    assert_eq!(turns(&bench.meter), [true, false]);
}

/// What was logged of the breaker.
fn lines(logged: &Logged) -> Vec<String> {
    logged.lines().into_iter().filter(|line| line.contains("circuit breaker")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_opening_a_probe_that_failed_and_the_closing_are_logged_once_each() {
    let logged = Logged::here();
    let mut bench = Bench::new();
    bench.without_quota().await;
    bench.enqueue(2);
    let script = [misconfigured(), not_sent()];
    let dispatcher = bench.dispatcher(ScriptedGateway::answering(&bench.journal, script));
    dispatcher.run_once(&bench.drain).await;
    for wait in [30, 600, 600] {
        bench.clock.sleep(seconds(wait)).await;
        dispatcher.run_once(&bench.drain).await;
    }
    let lines = lines(&logged);
    let begin = [
        "ERROR ALARM: circuit breaker opens, sending pauses reason=\"misconfigured_401\"",
        "WARN a probe failed: the circuit breaker stays open, and probes again by itself",
        "WARN circuit breaker closes: sending goes on",
    ];
    assert_eq!(lines.len(), begin.len(), "{lines:?}");
    assert!(lines.iter().zip(begin).all(|(line, begin)| line.starts_with(begin)), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn of_many_that_fail_together_none_is_a_probe_that_failed() {
    let logged = Logged::here();
    let mut bench = Bench::unordered(8).await;
    bench.enqueue(8);
    let gateway = BlockingGateway::answering(not_sent());
    let batch = bench.begin_batch(gateway.clone());
    gateway.begun(8).await;
    gateway.release(8);
    batch.await.unwrap();
    let lines = lines(&logged);
    assert!(lines.len() == 1 && lines[0].starts_with("ERROR ALARM"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn an_operators_stop_is_no_closing() {
    let mut bench = Bench::new();
    breaker_opens(&mut bench).await;
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    dispatcher.run_once(&bench.drain).await;
    bench.store.set_enabled(false).await.unwrap();
    dispatcher.run_once(&bench.drain).await;
    assert_eq!(turns(&bench.meter), [true, true], "one of each dispatcher");
    let open = |state: ControlState| state.breaker.open.is_some();
    assert!(open(bench.store.snapshot().await.unwrap().state));
}

#[tokio::test(start_paused = true)]
async fn what_became_of_each_message_is_counted() {
    let mut bench = Bench::new();
    breaker_opens(&mut bench).await;
    let processed: Vec<_> = bench
        .meter
        .events()
        .into_iter()
        .filter(|e| matches!(e, MeterEvent::Processed(_)))
        .collect();
    assert_eq!(processed, [MeterEvent::Processed(Processed::Deferred)]);
}
