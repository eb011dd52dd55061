//! When the loop looks, and when it ends.

use super::*;
use crate::testing::{
    Bench, BlockingGateway, ScriptedGateway, millis, seconds, unavailable, within,
};
use dispatcher_domain::{Claim, ClaimResult, Status, ports::SmsGateway};
use std::sync::Mutex;
use tokio::task::JoinHandle;

/// The loop over a bench's dispatcher, and how to wake it.
fn begin(bench: &mut Bench, gateway: Arc<dyn SmsGateway>) -> (JoinHandle<()>, Wake) {
    let (wake, clock) = (Wake::default(), Arc::clone(&bench.clock) as Arc<dyn Clock>);
    let dispatcher = bench.dispatcher(gateway);
    let running = DispatchLoop::new(dispatcher, clock, wake.clone(), bench.drain.clone());
    (tokio::spawn(running.run()), wake)
}

/// Every claim answers `what`; when they came.
fn watched(bench: &mut Bench, what: fn() -> ClaimResult) -> Arc<Mutex<Vec<Duration>>> {
    let looks = Arc::new(Mutex::new(Vec::new()));
    let (seen, clock) = (Arc::clone(&looks), Arc::clone(&bench.clock));
    bench.repo.expect_claim_due().returning(move |_| {
        seen.lock().unwrap().push(clock.monotonic());
        Ok(Claim { result: what(), rejected: vec![], expired: vec![], alarms: vec![] })
    });
    looks
}

#[tokio::test(start_paused = true)]
async fn a_message_written_by_sql_is_found_by_the_next_poll() {
    let mut bench = Bench::new();
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let (_running, _) = begin(&mut bench, gateway);
    bench.clock.sleep(seconds(10) + millis(1)).await;
    let ids = bench.enqueue(1);
    bench.clock.sleep(POLL).await;
    assert_eq!(bench.statuses(&ids), [Status::Sent]);
}

#[tokio::test(start_paused = true)]
async fn a_wake_is_answered_at_once() {
    let mut bench = Bench::new();
    let gateway = BlockingGateway::new();
    let (_running, wake) = begin(&mut bench, gateway.clone());
    bench.clock.sleep(millis(100)).await;
    bench.enqueue(1);
    wake.call();
    gateway.begun(1).await;
    assert_eq!(bench.clock.monotonic(), millis(100), "not at the next poll");
}

#[tokio::test(start_paused = true)]
async fn a_wake_during_a_batch_is_not_lost() {
    let mut bench = Bench::new();
    bench.enqueue(3);
    let gateway = BlockingGateway::new();
    let (_running, wake) = begin(&mut bench, gateway.clone());
    gateway.begun(1).await;
    wake.call();
    gateway.release(2);
    bench.clock.sleep(millis(1)).await;
    // Two sends, the claim that was held, and one more for the wake.
    assert_eq!(bench.journal.count("claim"), 4);
}

#[tokio::test(start_paused = true)]
async fn the_third_message_goes_when_the_hold_of_the_second_ends() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(3);
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let (_running, _) = begin(&mut bench, gateway);
    bench.clock.sleep(seconds(120) - millis(1)).await;
    assert_eq!(bench.statuses(&ids), [Status::Sent, Status::Sent, Status::Queued]);
    bench.clock.sleep(millis(5)).await;
    assert_eq!(bench.statuses(&ids), [Status::Sent; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_sent_without_a_poll_in_between() {
    let mut bench = Bench::unordered(8).await;
    let ids = bench.enqueue(1_500);
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let (_running, _) = begin(&mut bench, gateway);
    bench.clock.sleep(millis(50)).await;
    assert!(bench.statuses(&ids).iter().all(|status| *status == Status::Sent));
}

#[tokio::test(start_paused = true)]
async fn no_answer_of_a_store_makes_the_loop_spin() {
    let mut bench = Bench::new();
    let looks = watched(&mut bench, || ClaimResult::Empty { next_due_in: Some(Duration::ZERO) });
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let (_running, _) = begin(&mut bench, gateway);
    bench.clock.sleep(seconds(1)).await;
    let looks = looks.lock().unwrap();
    assert!(looks.len() > 10 && looks.windows(2).all(|pair| pair[1] - pair[0] >= BREATH));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_again_by_every_poll_until_it_is_back() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(1);
    bench.repo.expect_claim_due().times(4).returning(|_| Err(unavailable()));
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let (_running, _) = begin(&mut bench, gateway);
    bench.clock.sleep(POLL * 4 - millis(1)).await;
    assert_eq!(bench.statuses(&ids), [Status::Queued]);
    bench.clock.sleep(millis(2)).await;
    assert_eq!(bench.statuses(&ids), [Status::Sent]);
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_the_loop_without_another_look() {
    let mut bench = Bench::new();
    let looks = watched(&mut bench, || ClaimResult::Empty { next_due_in: None });
    let gateway = ScriptedGateway::new(&bench.journal, []);
    let (running, _) = begin(&mut bench, gateway);
    bench.clock.sleep(POLL + millis(1)).await;
    bench.switch.request();
    within("the end of the loop", running).await.unwrap();
    assert_eq!(*looks.lock().unwrap(), [Duration::ZERO, POLL]);
    assert_eq!(bench.clock.monotonic(), POLL + millis(1));
}

#[tokio::test(start_paused = true)]
async fn the_loop_does_not_end_before_its_sends() {
    let mut bench = Bench::new();
    let ids = bench.enqueue(2);
    let gateway = BlockingGateway::new();
    let (running, _) = begin(&mut bench, gateway.clone());
    gateway.begun(1).await;
    bench.switch.request();
    bench.clock.sleep(seconds(5)).await;
    assert!(!running.is_finished());
    gateway.release(1);
    within("the end of the loop", running).await.unwrap();
    assert_eq!(bench.statuses(&ids), [Status::Sent, Status::Queued]);
}
