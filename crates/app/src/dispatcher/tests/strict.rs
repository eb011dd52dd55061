//! Strict order: one at a time.

use crate::{
    Pause,
    testing::{Bench, BlockingGateway, ScriptedGateway, seconds, within},
};
use dispatcher_domain::{Hold, HoldReason, Status, ports::Clock};

#[tokio::test(start_paused = true)]
async fn each_send_is_recorded_before_the_next_claim() {
    let mut bench = Bench::new();
    bench.enqueue(3);
    let gateway = ScriptedGateway::new(&bench.journal, []);
    bench.batch(gateway).await;
    let expected = ["claim", "post 1", "record 1", "claim", "post 2", "record 2", "claim"];
    assert_eq!(bench.journal.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_two_is_followed_by_a_hold_of_one_interval() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(3);
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let report = bench.batch(gateway).await;
    let Pause::Held(hold) = report.pause else { panic!("{:?}", report.pause) };
    let expected = Hold { reason: HoldReason::QuotaUsed, for_at_least: Some(seconds(120)) };
    assert_eq!((report.started, report.sent, hold), (2, 2, expected));
    assert_eq!(bench.statuses(&ids), [Status::Sent, Status::Sent, Status::Queued]);
}

#[tokio::test(start_paused = true)]
async fn the_third_message_goes_when_the_interval_is_over_and_not_before() {
    let mut bench = Bench::new();
    bench.enqueue(3);
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    dispatcher.run_once(&bench.drain).await;
    bench.clock.sleep(seconds(119)).await;
    assert_eq!(dispatcher.run_once(&bench.drain).await.started, 0);
    bench.clock.sleep(seconds(1)).await;
    assert_eq!(dispatcher.run_once(&bench.drain).await.sent, 1);
}

#[tokio::test(start_paused = true)]
async fn free_slots_do_not_loosen_strict_order() {
    let mut bench = Bench::new();
    bench.config.max_in_flight = 8;
    bench.without_quota().await;
    bench.enqueue(4);
    let gateway = BlockingGateway::new();
    let batch = bench.begin_batch(gateway.clone());
    for n in 1..=4 {
        gateway.begun(n).await;
        bench.clock.sleep(seconds(9)).await;
        let claims = bench.journal.count("claim");
        assert_eq!((gateway.seen().begun, claims), (n, n), "no claim while one is in flight");
        gateway.release(1);
    }
    assert_eq!(within("the end", batch).await.unwrap().sent, 4);
    assert_eq!(gateway.seen().most, 1);
}
