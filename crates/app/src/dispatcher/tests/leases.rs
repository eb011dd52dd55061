//! No POST under a lease that may end during it.

use crate::testing::{
    Bench, ManualClock, ScriptedGateway, millis, seconds, unavailable, unexpected,
};
use dispatcher_domain::{
    Status,
    ports::{Clock, MessageRepo, StoreError},
};
use dispatcher_memory::MemoryStore;
use futures_util::FutureExt;
use std::sync::Arc;

/// What the lease of the bench leaves for anything but the send.
const SPARE_SECONDS: u64 = 60 - 15;

/// This happens between the first claim's COMMIT and its answer.
fn during_the_first_claim(
    bench: &mut Bench,
    what: impl Fn(&ManualClock, &MemoryStore) + Send + 'static,
) {
    let (clock, store) = (Arc::clone(&bench.clock), bench.store.clone());
    let journal = bench.journal.clone();
    bench.repo.expect_claim_due().times(1).returning(move |request| {
        journal.note("claim");
        let claim = store.claim_due(request).now_or_never().unwrap();
        what(&clock, &store);
        claim
    });
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_no_longer_covers_a_send_is_given_back_without_a_post() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(1);
    let pause = seconds(SPARE_SECONDS) + millis(1);
    during_the_first_claim(&mut bench, move |clock, _| clock.jump(pause));
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let report = bench.batch(gateway).await;
    // The second claim of the quota finds it again, with a fresh lease.
    assert_eq!(bench.journal.lines()[..4], ["claim", "release 1", "claim", "post 1"]);
    assert_eq!((report.started, report.released, report.sent), (2, 1, 1));
    assert_eq!(bench.store.attempts(ids[0])[0].outcome, Some("released"));
    assert_eq!(bench.row(ids[0]).tries_used, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_just_covers_a_send_is_used() {
    let mut bench = Bench::new();
    bench.enqueue(1);
    during_the_first_claim(&mut bench, |clock, _| clock.jump(seconds(SPARE_SECONDS)));
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let report = bench.batch(gateway).await;
    assert_eq!(bench.journal.lines()[..2], ["claim", "post 1"]);
    assert_eq!((report.sent, report.released), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_rescued_meanwhile_is_not_given_back_but_fenced() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(1);
    during_the_first_claim(&mut bench, |clock, store| {
        clock.jump(seconds(100));
        store.rescue_expired(seconds(30), 1).now_or_never().unwrap().unwrap();
    });
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let report = bench.batch(gateway).await;
    assert_eq!((report.fenced, report.released), (1, 0));
    assert_eq!(bench.row(ids[0]).status, Status::Unconfirmed);
    assert_eq!(bench.journal.count("post"), 0);
}

/// Gives back one message, over a store that answers `error` for so many
/// times; how often it was asked, and how long it took.
async fn give_back(error: fn() -> StoreError, failures: usize) -> (usize, std::time::Duration) {
    let mut bench = Bench::new();
    bench.enqueue(1);
    during_the_first_claim(&mut bench, |clock, _| clock.jump(seconds(50)));
    let journal = bench.journal.clone();
    bench.repo.expect_release().times(..=failures).returning(move |id, _| {
        journal.note(format!("release {id}"));
        Err(error())
    });
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    let before = bench.clock.monotonic() + seconds(50);
    let report = dispatcher.run_once(&bench.drain).await;
    assert_eq!((report.released, bench.journal.count("post")), (1, 0));
    dispatcher.settle(seconds(3600)).await;
    (bench.journal.count("release"), bench.clock.monotonic() - before)
}

#[tokio::test(start_paused = true)]
async fn a_give_back_that_fails_is_repeated_until_it_works() {
    assert_eq!(give_back(unavailable, 3).await, (4, seconds(2)));
}

#[tokio::test(start_paused = true)]
async fn a_give_back_ends_when_lease_and_grace_are_over() {
    let (asked, took) = give_back(unexpected, 1_000).await;
    assert_eq!((asked, took), (1 + 91, seconds(90)));
}
