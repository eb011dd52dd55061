//! Our own throttle.

use crate::testing::{Bench, BlockingGateway, ScriptedGateway, millis, seconds, within};
use dispatcher_domain::ports::Clock;

#[tokio::test(start_paused = true)]
async fn a_throttle_keeps_starts_apart_however_many_slots_are_free() {
    let mut bench = Bench::unordered(8).await;
    bench.config.start_interval = Some(millis(250));
    let ids = bench.enqueue(4);
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert_eq!(report.sent, 4);
    let started = |id| bench.store.attempts(id)[0].started_at;
    let starts: Vec<_> = ids.into_iter().map(started).collect();
    for pair in starts.windows(2) {
        assert_eq!(pair[1].duration_since(pair[0]).as_millis(), 250);
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_holds_over_batches_too() {
    let mut bench = Bench::unordered(8).await;
    bench.config.start_interval = Some(seconds(10));
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    bench.enqueue(1);
    assert_eq!(dispatcher.run_once(&bench.drain).await.sent, 1);
    bench.enqueue(1);
    assert_eq!(dispatcher.run_once(&bench.drain).await.sent, 1);
    assert!(bench.clock.monotonic() >= seconds(10));
}

#[tokio::test(start_paused = true)]
async fn without_a_throttle_all_free_slots_are_filled_by_one_claim() {
    let mut bench = Bench::unordered(8).await;
    bench.enqueue(8);
    let gateway = BlockingGateway::new();
    let batch = bench.begin_batch(gateway.clone());
    gateway.begun(8).await;
    assert_eq!(bench.journal.count("claim"), 1);
    gateway.release(8);
    assert_eq!(within("the end", batch).await.unwrap().sent, 8);
}
