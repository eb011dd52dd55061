//! Many at once.

use crate::testing::{Answer, Bench, BlockingGateway, ScriptedGateway, seconds, within};
use dispatcher_domain::{Status, ports::Clock};

#[tokio::test(start_paused = true)]
async fn max_in_flight_go_at_once_and_never_more() {
    let mut bench = Bench::unordered(3).await;
    bench.enqueue(7);
    let gateway = BlockingGateway::new();
    let batch = bench.begin_batch(gateway.clone());
    for n in 3..=7 {
        gateway.begun(n).await;
        bench.clock.sleep(seconds(1)).await;
        assert_eq!((gateway.seen().begun, gateway.seen().in_flight), (n, 3));
        gateway.release(1);
    }
    gateway.release(2);
    assert_eq!(within("the end", batch).await.unwrap().sent, 7);
    assert_eq!(gateway.seen().most, 3);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_arrives_during_a_long_send_does_not_wait_for_its_end() {
    let mut bench = Bench::unordered(2).await;
    bench.enqueue(1);
    let gateway = BlockingGateway::new();
    let batch = bench.begin_batch(gateway.clone());
    gateway.begun(1).await;
    bench.clock.sleep(seconds(1)).await;
    bench.enqueue(1);
    gateway.begun(2).await;
    assert_eq!(gateway.seen().in_flight, 2);
    gateway.release(2);
    assert_eq!(within("the end", batch).await.unwrap().sent, 2);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_hangs_keeps_no_more_than_its_own_slot() {
    let mut bench = Bench::unordered(2).await;
    let ids = bench.enqueue(5);
    let gateway = ScriptedGateway::new(&bench.journal, [Answer::Hang]);
    let dispatcher = bench.dispatcher(gateway);
    let batch = dispatcher.run_once(&bench.drain);
    tokio::select! {
        report = batch => panic!("a send is still in flight: {report:?}"),
        () = bench.clock.sleep(seconds(9)) => {}
    }
    assert_eq!(bench.row(ids[0]).status, Status::Sending);
    assert!(bench.statuses(&ids[1..]).iter().all(|status| *status == Status::Sent));
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_send_harms_no_other_and_parks_its_message() {
    let mut bench = Bench::unordered(2).await;
    let ids = bench.enqueue(4);
    let script = [Answer::Is(crate::testing::accepted()), Answer::Panic];
    let gateway = ScriptedGateway::new(&bench.journal, script);
    let report = bench.batch(gateway).await;
    assert_eq!((report.started, report.sent, report.parked), (4, 3, 1));
    let row = bench.row(ids[1]);
    assert_eq!(row.status, Status::Unconfirmed);
    assert_eq!(row.status_reason.unwrap().as_str(), "unknown_panic");
    assert_eq!(row.unknown_outcomes, 1);
}
