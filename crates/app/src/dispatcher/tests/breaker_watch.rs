//! The breaker opens and closes: each is told once by each replica.

use crate::{
    BatchReport,
    testing::{Bench, BlockingGateway, CountingMeter, ScriptedGateway, misconfigured, seconds},
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
