//! The outcome of a POST is recorded, as long as that may take.

use crate::testing::{
    Bench, Logged, ScriptedGateway, millis, unavailable, unconfirmed, unexpected, within,
};
use dispatcher_domain::{
    Status,
    ports::{Clock, StoreError},
};
use std::sync::{Arc, Mutex};

/// The first `count` records fail; answers when each was tried.
fn failing(
    bench: &mut Bench,
    count: usize,
    error: fn() -> StoreError,
) -> Arc<Mutex<Vec<std::time::Duration>>> {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let (tries, clock) = (Arc::clone(&tried), Arc::clone(&bench.clock));
    bench.repo.expect_record_outcome().times(count).returning(move |_, _, _| {
        tries.lock().unwrap().push(clock.monotonic());
        Err(error())
    });
    tried
}

#[tokio::test(start_paused = true)]
async fn an_outcome_is_recorded_again_until_the_store_takes_it() {
    for error in [unavailable, unconfirmed] {
        let mut bench = Bench::new();
        let ids = bench.enqueue(1);
        let tried = failing(&mut bench, 20, error);
        let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
        assert_eq!((report.sent, tried.lock().unwrap().len()), (1, 20));
        assert_eq!(bench.row(ids[0]).status, Status::Sent);
        assert_eq!(bench.journal.count("post"), 1, "only the record is repeated");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_claimed_in_strict_order_while_an_outcome_is_not_recorded() {
    let mut bench = Bench::new();
    bench.enqueue(2);
    failing(&mut bench, 3, unavailable);
    bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert_eq!(bench.journal.lines()[..4], ["claim", "post 1", "record 1", "claim"]);
}

#[tokio::test(start_paused = true)]
async fn the_waits_between_two_tries_double_up_to_five_seconds() {
    let mut bench = Bench::new();
    bench.enqueue(1);
    let tried = failing(&mut bench, 9, unavailable);
    bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    let tried = tried.lock().unwrap();
    let waits: Vec<_> = tried.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000].map(millis));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ends_meanwhile_is_an_alarm_and_only_once() {
    // The last tries come 86 s after the send, or 6 s: a lease is in between.
    for (failures, alarms) in [(22, 1), (7, 0)] {
        let mut bench = Bench::new();
        bench.enqueue(1);
        failing(&mut bench, failures, unavailable);
        let logged = Logged::here();
        bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
        let lines = logged.lines();
        let told = lines.iter().filter(|line| line.starts_with("ERROR ALARM: a lease is over"));
        assert_eq!(told.count(), alarms, "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.contains("not recorded yet")).count(), failures);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_store_does_not_understand_is_not_told_again() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(1);
    failing(&mut bench, 1, unexpected);
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert_eq!((report.unrecorded, report.sent), (1, 0));
    assert_eq!(bench.journal.count("record"), 0);
    assert_eq!(bench.row(ids[0]).status, Status::Sending, "the rescue will park it");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_our_own_ends_no_other_send() {
    let mut bench = Bench::unordered(2).await;
    let ids = bench.enqueue(3);
    bench.repo.expect_record_outcome().times(1).returning(|_, _, _| panic!("of our own"));
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    let report = within("the end", dispatcher.run_once(&bench.drain)).await;
    assert_eq!((report.started, report.sent, report.panicked), (3, 2, 1));
    assert_eq!(bench.statuses(&ids), [Status::Sending, Status::Sent, Status::Sent]);
}
