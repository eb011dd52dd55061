//! The process's wall clock decides the pace. It may jump by years, on a machine
//! that starts with a clock of 1970 for one: no burst, and no silence of years.

use crate::{
    steps::{Replica, enqueue},
    support::TestFile,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    ClaimResult, ClockAlarm, DispatchPolicy, HoldReason, Ordering,
    ports::{DispatchControl, MessageRepo},
};
use jiff::SignedDuration;
use std::{num::NonZeroU32, time::Duration};

const PERIOD: SignedDuration = SignedDuration::from_mins(2);
const DECADES: SignedDuration = SignedDuration::from_hours(30 * 365 * 24);
const BATCH: u32 = 2;

/// A queue that never ends, at two per two minutes.
async fn queue(ordering: Ordering) -> (TestFile, Replica) {
    let file = TestFile::migrated().await;
    enqueue(&file.shell(), 100);
    let replica = Replica::of(&file);
    let batch_size = NonZeroU32::new(BATCH).expect("not zero");
    let policy = DispatchPolicy { batch_size, period: Duration::from_secs(120), ordering };
    replica.control.install_policy(policy).await.expect("the store answers");
    file.time.advance(PERIOD);
    (file, replica)
}

/// How many start now, each of them sent before the next is asked for.
async fn send(replica: &Replica) -> u32 {
    let mut started = 0;
    while let Some(message) = replica.start(1).await.pop() {
        replica.finish(&message).await;
        started += 1;
    }
    started
}

#[tokio::test]
async fn a_jump_of_decades_ahead_starts_one_batch_and_the_next_one_interval_later() {
    for ordering in [Ordering::Strict, Ordering::Recipient, Ordering::None] {
        let (file, replica) = queue(ordering).await;
        assert_eq!(send(&replica).await, BATCH);
        file.time.advance(DECADES);
        assert_eq!(send(&replica).await, BATCH, "missed ticks are not made up");
        file.time.advance(PERIOD - SignedDuration::from_secs(1));
        assert_eq!(send(&replica).await, 0, "{ordering:?}");
        file.time.advance(SignedDuration::from_secs(1));
        assert_eq!(send(&replica).await, BATCH, "{ordering:?}");
    }
}

#[tokio::test]
async fn a_jump_of_decades_back_starts_nothing_at_once_and_a_batch_one_interval_later() {
    for ordering in [Ordering::Strict, Ordering::Recipient, Ordering::None] {
        let (file, replica) = queue(ordering).await;
        file.time.advance(DECADES);
        assert_eq!(send(&replica).await, BATCH);
        file.time.advance(-DECADES);
        let claim = replica.messages.claim_due(&request(9)).await.expect("the store answers");
        assert_eq!(claim.alarms, [ClockAlarm::NextTickTooFar]);
        let ClaimResult::Held(hold) = claim.result else { panic!("a burst") };
        assert_eq!(hold.reason, HoldReason::QuotaUsed);
        assert!(hold.for_at_least.is_some_and(|wait| wait <= Duration::from_secs(120)), "{hold:?}");
        file.time.advance(PERIOD);
        assert_eq!(send(&replica).await, BATCH, "{ordering:?}");
        assert_eq!(send(&replica).await, 0, "{ordering:?}");
    }
}

#[tokio::test]
async fn a_restart_in_another_decade_is_no_new_quota() {
    let (file, replica) = queue(Ordering::None).await;
    assert_eq!(send(&replica).await, BATCH);
    drop(replica);
    file.time.advance(-DECADES);
    let replica = Replica::of(&file);
    assert_eq!(send(&replica).await, 0);
    file.time.advance(PERIOD);
    assert_eq!(send(&replica).await, BATCH);
    drop(replica);
    file.time.advance(DECADES);
    let replica = Replica::of(&file);
    assert_eq!((send(&replica).await, send(&replica).await), (BATCH, 0));
}

/// By more than that, a jump back and forth again costs a batch too many: it
/// cannot be told from a clock that was wrong before.
#[tokio::test]
async fn a_clock_that_swings_by_an_interval_makes_no_burst() {
    let (file, replica) = queue(Ordering::None).await;
    assert_eq!(send(&replica).await, BATCH);
    for _ in 0..5 {
        file.time.advance(-PERIOD);
        assert_eq!(send(&replica).await, 0);
        file.time.advance(PERIOD);
        assert_eq!(send(&replica).await, 0, "no time has passed");
    }
}
