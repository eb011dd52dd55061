//! The end of the process.

use crate::{
    Pause,
    testing::{Bench, BlockingGateway, ScriptedGateway, seconds, within},
};
use dispatcher_domain::{Status, ports::Clock};

#[tokio::test(start_paused = true)]
async fn nothing_is_claimed_once_a_drain_is_requested() {
    let mut bench = Bench::new();
    bench.enqueue(1);
    bench.switch.request();
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert!(matches!(report.pause, Pause::Drained), "{:?}", report.pause);
    assert_eq!(bench.journal.lines(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_at_a_drain_is_finished_and_nothing_else_begins() {
    for mut bench in [Bench::new(), Bench::unordered(1).await, Bench::unordered(2).await] {
        let at_once = if bench.config.ordering == dispatcher_domain::Ordering::Strict {
            1
        } else {
            bench.config.max_in_flight as usize
        };
        let ids = bench.enqueue(at_once + 1);
        let gateway = BlockingGateway::new();
        let batch = bench.begin_batch(gateway.clone());
        gateway.begun(at_once).await;
        bench.switch.request();
        bench.clock.sleep(seconds(1)).await;
        assert!(!batch.is_finished(), "the sends in flight are not left alone");
        gateway.release(at_once);
        let report = within("the end", batch).await.unwrap();
        assert!(matches!(report.pause, Pause::Drained), "{:?}", report.pause);
        assert_eq!((report.started, report.sent), (at_once as u32, at_once as u32));
        assert_eq!(bench.row(ids[at_once]).status, Status::Queued);
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_wait_for_the_throttle() {
    let mut bench = Bench::unordered(8).await;
    bench.config.start_interval = Some(seconds(3600));
    bench.enqueue(2);
    let batch = bench.begin_batch(ScriptedGateway::new(&bench.journal, []));
    bench.clock.sleep(seconds(60)).await;
    bench.switch.request();
    let report = within("the end", batch).await.unwrap();
    assert!(matches!(report.pause, Pause::Drained), "{:?}", report.pause);
    assert_eq!((report.sent, bench.clock.monotonic()), (1, seconds(60)));
}
