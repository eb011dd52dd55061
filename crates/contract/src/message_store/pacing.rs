//! The quota, the provider's wishes, and clocks that lie.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{
        accepted, claim, claim_ids, claim_one, enqueue, finish, free_flow, not_sent, pace, pass,
        request, telling, unknown,
    },
};
use dispatcher_domain::{
    BreakerPolicy, ClaimResult, ClockAlarm, HoldReason, Ordering, ProviderSignal, StatusReason,
};
use std::time::Duration;

async fn held(store: &dyn Fixture) -> (HoldReason, Option<Duration>) {
    match claim(store, 64).await.result {
        ClaimResult::Held(hold) => (hold.reason, hold.for_at_least),
        other => panic!("must be held: {other:?}"),
    }
}

pub async fn a_batch_then_nothing_until_one_period_after_its_last_send(store: &dyn Fixture) {
    pace(store, 2, 120, Ordering::Strict).await;
    let ids = enqueue(store, 4).await;
    for id in &ids[..2] {
        let message = claim_one(store).await;
        assert_eq!(message.id, *id);
        pass(store, 3).await;
        finish(store, &message, &accepted()).await;
    }
    assert_eq!(held(store).await, (HoldReason::QuotaUsed, Some(Duration::from_secs(120))));
    pass(store, 119).await;
    assert_eq!(held(store).await.1, Some(Duration::from_secs(1)));
    pass(store, 1).await;
    assert_eq!(claim_ids(store, 1).await, [ids[2]]);
}

pub async fn replicas_share_one_quota(store: &dyn Fixture) {
    pace(store, 3, 60, Ordering::None).await;
    let ids = enqueue(store, 9).await;
    assert_eq!(claim_ids(store, 2).await, ids[..2]);
    assert_eq!(claim_ids(store, 64).await, [ids[2]]);
    assert_eq!(held(store).await.0, HoldReason::QuotaUsed);
    pass(store, 60).await;
    assert_eq!(claim_ids(store, 64).await, ids[3..6]);
}

pub async fn a_stop_and_start_does_not_refill_the_quota(store: &dyn Fixture) {
    pace(store, 2, 60, Ordering::None).await;
    enqueue(store, 9).await;
    claim_ids(store, 64).await;
    for _ in 0..5 {
        store.control().set_enabled(false).await.unwrap();
        store.control().set_enabled(true).await.unwrap();
        // A restart installs its policy again.
        pace(store, 2, 60, Ordering::None).await;
        assert_eq!(held(store).await.0, HoldReason::QuotaUsed);
    }
}

pub async fn a_new_pace_inherits_nothing_of_the_old_batch(store: &dyn Fixture) {
    pace(store, 5, 60, Ordering::None).await;
    let ids = enqueue(store, 9).await;
    assert_eq!(claim_ids(store, 2).await, ids[..2]);
    pace(store, 1, 60, Ordering::None).await;
    assert_eq!(held(store).await, (HoldReason::QuotaUsed, Some(Duration::from_secs(60))));
    pass(store, 60).await;
    assert_eq!(claim_ids(store, 64).await, [ids[2]]);
}

pub async fn a_restart_with_the_same_pace_leaves_the_batch_as_it_is(store: &dyn Fixture) {
    pace(store, 3, 60, Ordering::None).await;
    let ids = enqueue(store, 9).await;
    assert_eq!(claim_ids(store, 1).await, [ids[0]]);
    pace(store, 3, 60, Ordering::None).await;
    assert_eq!(claim_ids(store, 64).await, ids[1..3]);
}

/// It may have reached the provider as late as the end of its lease.
pub async fn a_lost_send_counts_until_the_end_of_its_lease(store: &dyn Fixture) {
    pace(store, 1, 60, Ordering::Strict).await;
    let ids = enqueue(store, 2).await;
    claim_one(store).await;
    pass(store, 60).await;
    assert_eq!(held(store).await, (HoldReason::QuotaUsed, Some(Duration::from_secs(60))));
    pass(store, 60).await;
    assert_eq!(claim_ids(store, 64).await, [ids[1]]);
}

pub async fn a_release_does_not_refill_the_quota(store: &dyn Fixture) {
    pace(store, 1, 60, Ordering::Strict).await;
    enqueue(store, 1).await;
    let message = claim_one(store).await;
    pass(store, 5).await;
    store.messages().release(message.id, &message.lease).await.unwrap();
    assert_eq!(held(store).await, (HoldReason::QuotaUsed, Some(Duration::from_secs(60))));
}

pub async fn giving_back_a_claim_that_never_took_effect_changes_nothing(store: &dyn Fixture) {
    pace(store, 1, 60, Ordering::Strict).await;
    enqueue(store, 1).await;
    let before = store.control().snapshot().await.unwrap().state;
    assert_eq!(store.messages().release_claim(request(1).token).await.unwrap(), 0);
    assert_eq!(store.control().snapshot().await.unwrap().state, before);
    assert_eq!(claim_ids(store, 1).await.len(), 1);
}

pub async fn a_throttled_provider_holds_all_sends(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 3).await;
    let message = claim_one(store).await;
    let wait = Duration::from_secs(20);
    finish(store, &message, &telling(ProviderSignal::SlowDown { wait }, not_sent())).await;
    assert_eq!(held(store).await, (HoldReason::Throttled, Some(wait)));
    pass(store, 20).await;
    assert_eq!(claim_ids(store, 64).await.len(), 2);
}

pub async fn an_open_breaker_lets_one_probe_through_and_closes_when_it_succeeds(
    store: &dyn Fixture,
) {
    free_flow(store).await;
    enqueue(store, 5).await;
    let message = claim_one(store).await;
    let trip = ProviderSignal::Trip {
        reason: StatusReason::of("misconfigured_401"),
        policy: BreakerPolicy::default(),
    };
    finish(store, &message, &telling(trip, accepted())).await;
    assert_eq!(held(store).await, (HoldReason::BreakerOpen, Some(Duration::from_secs(30))));
    let state = store.control().snapshot().await.unwrap().state;
    assert_eq!(state.breaker.open.unwrap().reason.as_str(), "misconfigured_401");
    pass(store, 30).await;
    let probe = claim_one(store).await;
    assert_eq!(held(store).await.0, HoldReason::BreakerOpen);
    finish(store, &probe, &accepted()).await;
    assert_eq!(claim_ids(store, 64).await.len(), 3);
}

pub async fn a_start_lets_an_open_breaker_probe_at_once(store: &dyn Fixture) {
    free_flow(store).await;
    enqueue(store, 3).await;
    let message = claim_one(store).await;
    let trip = ProviderSignal::Trip {
        reason: StatusReason::of("misconfigured_401"),
        policy: BreakerPolicy::default(),
    };
    finish(store, &message, &telling(trip, accepted())).await;
    assert_eq!(held(store).await.0, HoldReason::BreakerOpen);
    store.control().set_enabled(true).await.unwrap();
    assert_eq!(claim_ids(store, 64).await.len(), 1, "the probe");
    store.control().set_enabled(true).await.unwrap();
    assert_eq!(held(store).await.0, HoldReason::BreakerOpen, "one at a time");
}

pub async fn failures_of_all_replicas_open_the_breaker_together(store: &dyn Fixture) {
    pace(store, 1, 0, Ordering::Strict).await;
    enqueue(store, 6).await;
    let failing = || ProviderSignal::Failing {
        reason: StatusReason::of("unknown_timeout"),
        policy: BreakerPolicy { threshold: 2, ..BreakerPolicy::default() },
    };
    // One replica's failure, another's success, and two failures in a row.
    for signal in [failing(), ProviderSignal::Alive, failing(), failing()] {
        let message = claim_one(store).await;
        finish(store, &message, &telling(signal, unknown())).await;
    }
    assert_eq!(held(store).await, (HoldReason::BreakerOpen, Some(Duration::from_secs(30))));
}

pub async fn a_clock_set_back_does_not_stop_the_service(store: &dyn Fixture) {
    pace(store, 1, 60, Ordering::Strict).await;
    enqueue(store, 2).await;
    claim_one(store).await;
    pass(store, -1_000_000).await;
    let answer = claim(store, 1).await;
    assert_eq!(answer.alarms, [ClockAlarm::NextTickTooFar, ClockAlarm::BusyTooLong]);
    // A lease, and a period after it: the send may be at its provider yet.
    pass(store, 120).await;
    assert_eq!(claim_ids(store, 1).await.len(), 1);
}
