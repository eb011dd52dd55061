//! A claim that may have taken effect is given back; one that has not, is not.

use crate::{
    BatchReport, Pause,
    testing::{
        Bench, FixedEntropy, ScriptedGateway, seconds, unavailable, unconfirmed, unexpected,
    },
};
use dispatcher_domain::{
    Status,
    ports::{Clock, MessageRepo, StoreError},
};
use futures_util::FutureExt;
use std::time::Duration;

/// The claim takes effect, but its answer is lost.
fn lose_the_answer(bench: &mut Bench) {
    let store = bench.store.clone();
    bench.repo.expect_claim_due().times(1).returning(move |request| {
        store.claim_due(request).now_or_never().unwrap().unwrap();
        Err(unconfirmed())
    });
}

/// What `release_claim` answers, in turn; the last answer stays.
fn freeing(bench: &mut Bench, answers: &'static [fn() -> Result<u64, StoreError>]) {
    let (journal, mut turn) = (bench.journal.clone(), 0);
    bench.repo.expect_release_claim().returning(move |token| {
        journal.note(format!("release_claim {token}"));
        turn += 1;
        answers[(turn - 1).min(answers.len() - 1)]()
    });
}

/// One batch and what it leaves behind: how long that took.
async fn settled(bench: &mut Bench) -> (BatchReport, Duration) {
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    let before = bench.clock.monotonic();
    let report = dispatcher.run_once(&bench.drain).await;
    dispatcher.settle(seconds(3600)).await;
    (report, bench.clock.monotonic() - before)
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_store_has_nothing_to_give_back() {
    for error in [unavailable, unexpected] {
        let mut bench = Bench::new();
        bench.enqueue(1);
        bench.repo.expect_claim_due().times(1).returning(move |_| Err(error()));
        let (report, took) = settled(&mut bench).await;
        assert!(matches!(report.pause, Pause::StoreFailed(_)), "{:?}", report.pause);
        assert_eq!((report.started, took), (0, Duration::ZERO));
        assert_eq!(bench.journal.lines(), [""; 0], "neither POST nor give-back");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unconfirmed_claim_is_given_back_under_its_own_token_and_never_posted() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(1);
    lose_the_answer(&mut bench);
    let (report, _) = settled(&mut bench).await;
    assert!(matches!(report.pause, Pause::StoreFailed(_)), "{:?}", report.pause);
    let expected = format!("release_claim {}", FixedEntropy::token(1));
    assert_eq!(bench.journal.lines(), [expected]);
    let row = bench.row(ids[0]);
    assert_eq!((row.status, row.tries_used), (Status::Queued, 0));
}

#[tokio::test(start_paused = true)]
async fn giving_back_goes_on_until_something_was_freed() {
    let mut bench = Bench::new();
    lose_the_answer(&mut bench);
    freeing(&mut bench, &[|| Ok(0), || Err(unavailable()), || Err(unexpected()), || Ok(1)]);
    let (_, took) = settled(&mut bench).await;
    let again = format!("release_claim {}", FixedEntropy::token(1));
    assert_eq!(bench.journal.lines(), vec![again; 4]);
    assert_eq!(took, seconds(3));
}

#[tokio::test(start_paused = true)]
async fn giving_back_ends_when_lease_and_grace_are_over() {
    let mut bench = Bench::new();
    lose_the_answer(&mut bench);
    freeing(&mut bench, &[|| Ok(0)]);
    let (_, took) = settled(&mut bench).await;
    assert_eq!(took, seconds(60 + 30));
    assert_eq!(bench.journal.count("release_claim"), 91);
}

#[tokio::test(start_paused = true)]
async fn settling_takes_no_longer_than_it_may() {
    let mut bench = Bench::new();
    lose_the_answer(&mut bench);
    freeing(&mut bench, &[|| Ok(0)]);
    let dispatcher = bench.dispatcher(ScriptedGateway::new(&bench.journal, []));
    dispatcher.run_once(&bench.drain).await;
    let before = bench.clock.monotonic();
    dispatcher.settle(seconds(5)).await;
    assert_eq!(bench.clock.monotonic() - before, seconds(5));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_while_sends_are_in_flight_does_not_end_them() {
    let mut bench = Bench::unordered(2).await;
    bench.enqueue(1);
    let store = bench.store.clone();
    let first = move |request: &_| store.claim_due(request).now_or_never().unwrap();
    bench.repo.expect_claim_due().times(1).returning(first);
    bench.repo.expect_claim_due().returning(|_| Err(unavailable()));
    let report = bench.batch(ScriptedGateway::new(&bench.journal, [])).await;
    assert_eq!(report.sent, 1);
    assert!(matches!(report.pause, Pause::StoreFailed(_)), "{:?}", report.pause);
}
