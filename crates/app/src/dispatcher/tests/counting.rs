//! The report of a batch adds up.

use crate::{
    Pause,
    testing::{
        Answer, Bench, BlockingGateway, ScriptedGateway, accepted, not_sent, refused, seconds,
        unavailable_now, within,
    },
};
use dispatcher_domain::{Claim, ClockAlarm, Status, ports::MessageRepo};
use futures_util::FutureExt;
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn every_end_has_its_own_count() {
    let mut bench = Bench::unordered(1).await;
    let bad = bench.store.insert_unchecked("12", "Hello");
    bench.enqueue(5);
    let script = [
        Answer::Is(accepted()),
        Answer::Is(unavailable_now()),
        Answer::Is(refused()),
        Answer::Panic,
        Answer::Is(accepted()),
    ];
    let report = bench.batch(ScriptedGateway::new(&bench.journal, script)).await;
    let counts = (report.started, report.sent, report.deferred, report.failed, report.parked);
    assert_eq!(counts, (5, 2, 1, 1, 1));
    assert_eq!((report.released, report.fenced, report.unrecorded), (0, 0, 0));
    assert_eq!(report.rejected.len(), 1);
    assert_eq!(report.rejected[0].id, bad);
    assert_eq!(bench.row(bad).status, Status::Rejected);
    let Pause::Empty { next_due_in } = report.pause else { panic!("{:?}", report.pause) };
    assert_eq!(next_due_in, Some(seconds(15)), "half of the first backoff");
}

#[tokio::test(start_paused = true)]
async fn a_send_that_was_rescued_meanwhile_is_fenced_unless_it_was_accepted() {
    for (outcome, status, fenced, sent) in
        [(not_sent(), Status::Unconfirmed, 1, 0), (accepted(), Status::Sent, 0, 1)]
    {
        let mut bench = Bench::new();
        let ids = bench.enqueue(1);
        let gateway = BlockingGateway::answering(outcome);
        let batch = bench.begin_batch(gateway.clone());
        gateway.begun(1).await;
        bench.clock.jump(seconds(91));
        assert_eq!(bench.store.rescue_expired(seconds(30), 1).await.unwrap().len(), 1);
        gateway.release(1);
        let report = within("the end", batch).await.unwrap();
        assert_eq!((report.fenced, report.sent), (fenced, sent));
        assert_eq!(bench.row(ids[0]).status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_tells_how_long_it_took_and_what_had_to_be_mended() {
    let mut bench = Bench::new();
    let (clock, store) = (Arc::clone(&bench.clock), bench.store.clone());
    bench.repo.expect_claim_due().times(1).returning(move |request| {
        clock.jump(seconds(3));
        let claim = store.claim_due(request).now_or_never().unwrap()?;
        Ok(Claim { alarms: vec![ClockAlarm::BusyTooLong], ..claim })
    });
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert_eq!(report.took, seconds(3));
    assert_eq!(report.alarms, [ClockAlarm::BusyTooLong]);
    assert!(!report.did_something(), "no line in the log for an empty queue");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_never_ends_does_not_keep_the_report_back() {
    let mut bench = Bench::unordered(1).await;
    bench.enqueue(1_001);
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert!(matches!(report.pause, Pause::Full), "{:?}", report.pause);
    assert_eq!((report.started, report.sent), (1_000, 1_000));
}
