//! Stores that are up, down, and neither.

use super::*;
use crate::testing::{ManualClock, cache_down, seconds, unavailable, within};
use async_trait::async_trait;
use dispatcher_domain::{
    Breaker, CachedDelivery, CachedReceipt, ControlState, IdempotencyKey, MessageId,
    MissingDelivery, OpenBreaker, Receipt,
    ports::{CacheError, CacheReach, MockDeliveryCache, MockDispatchControl, StoreError},
};
use jiff::Timestamp;
use std::{collections::HashMap, future::pending, num::NonZeroU32};

const UP: Option<CacheReach> = Some(CacheReach::Shared);

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

fn state() -> ControlState {
    ControlState::new(DispatchPolicy::default())
}

/// A control that answers in turn; `None` is no answer but an error.
fn control(answers: Vec<Option<ControlState>>) -> MockDispatchControl {
    let mut control = MockDispatchControl::new();
    for answer in answers {
        let snapshot = answer.map(|state| ControlSnapshot { state, now: now(), in_flight: 3 });
        let call = control.expect_snapshot().times(1);
        call.return_once(|| snapshot.ok_or_else(unavailable));
    }
    control
}

fn cache(up: bool) -> MockDeliveryCache {
    let mut cache = MockDeliveryCache::new();
    cache
        .expect_ping()
        .returning(move || if up { Ok(CacheReach::Shared) } else { Err(cache_down()) });
    cache
}

fn check(
    control: impl DispatchControl + 'static,
    cache: impl DeliveryCache + 'static,
) -> (CheckHealth, Arc<ManualClock>) {
    let clock = ManualClock::new();
    let asked = Arc::clone(&clock) as Arc<dyn Clock>;
    let configured = DispatchPolicy::default();
    (CheckHealth::new(Arc::new(control), Arc::new(cache), asked, configured), clock)
}

/// How sending goes while the control row says `state`.
async fn dispatch(state: ControlState) -> DispatchHealth {
    check(control(vec![Some(state)]), cache(true)).0.run().await.dispatch.unwrap()
}

/// Never answers anything.
struct Hanging;

#[async_trait]
impl DispatchControl for Hanging {
    async fn set_enabled(&self, _: bool) -> Result<bool, StoreError> {
        pending().await
    }

    async fn install_policy(&self, _: DispatchPolicy) -> Result<(), StoreError> {
        pending().await
    }

    async fn snapshot(&self) -> Result<ControlSnapshot, StoreError> {
        pending().await
    }
}

#[async_trait]
impl DeliveryCache for Hanging {
    async fn record(&self, _: &Receipt) -> Result<(), CacheError> {
        pending().await
    }

    async fn lookup(
        &self,
        _: &[MessageId],
    ) -> Result<HashMap<MessageId, CachedDelivery>, CacheError> {
        pending().await
    }

    async fn receipts(
        &self,
        _: &[IdempotencyKey],
    ) -> Result<HashMap<IdempotencyKey, CachedReceipt>, CacheError> {
        pending().await
    }

    async fn restore(&self, _: &[MissingDelivery]) -> Result<(), CacheError> {
        pending().await
    }

    async fn ping(&self) -> Result<CacheReach, CacheError> {
        pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn all_is_well_when_both_stores_answer() {
    let health = check(control(vec![Some(state())]), cache(true)).0.run().await;
    let dispatch = DispatchHealth {
        policy: DispatchPolicy::default(),
        drift: false,
        in_flight: 3,
        breaker: None,
        throttled_for: None,
    };
    let expected = Health { database: true, cache: UP, processing: true, dispatch: Some(dispatch) };
    assert_eq!(health, expected);
}

#[tokio::test(start_paused = true)]
async fn each_store_is_down_on_its_own() {
    let health = check(control(vec![Some(state())]), cache(false)).0.run().await;
    assert_eq!((health.database, health.cache), (true, None));
    let health = check(control(vec![None]), cache(true)).0.run().await;
    assert_eq!((health.database, health.cache, health.dispatch), (false, UP, None));
}

#[tokio::test(start_paused = true)]
async fn two_stores_that_hang_keep_the_answer_back_for_a_second() {
    let (check, clock) = check(Hanging, Hanging);
    let health = within("the answer", check.run()).await;
    assert_eq!((health.database, health.cache, health.dispatch), (false, None, None));
    assert_eq!(clock.monotonic(), seconds(1), "both at the same time");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_does_not_hide_the_other() {
    let health = check(Hanging, cache(true)).0.run().await;
    assert_eq!((health.database, health.cache), (false, UP));
    let health = check(control(vec![Some(state())]), Hanging).0.run().await;
    assert_eq!((health.database, health.cache), (true, None));
}

#[tokio::test(start_paused = true)]
async fn processing_is_what_was_last_known_while_the_store_is_down() {
    let off = ControlState { enabled: false, ..state() };
    let answers = vec![None, Some(off), None, Some(state()), None];
    let (check, _) = check(control(answers), cache(true));
    // On until the store says otherwise.
    for expected in [true, false, false, true, true] {
        assert_eq!(check.run().await.processing, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pace_other_than_the_configured_one_is_drift() {
    let policy =
        DispatchPolicy { batch_size: NonZeroU32::new(5).unwrap(), ..DispatchPolicy::default() };
    let dispatch = dispatch(ControlState { policy, ..state() }).await;
    assert_eq!((dispatch.drift, dispatch.policy), (true, policy));
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_tells_why_until_when_and_what_to_check() {
    let reason = StatusReason::of("unknown_timeout");
    let open = OpenBreaker { until: now(), openings: 1, reason: reason.clone(), probe: None };
    let state =
        ControlState { breaker: Breaker { open: Some(open), ..Breaker::default() }, ..state() };
    let check =
        "the provider fails: check that it is up and reachable, and SMS_API_URL (https or http?)";
    let expected = BreakerHealth { reason, until: now(), check };
    assert_eq!(dispatch(state).await.breaker, Some(expected));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_is_told_while_it_lasts() {
    for (until, expected) in [(now() + seconds(40), Some(seconds(40))), (now() - seconds(1), None)]
    {
        let state = ControlState { throttled_until: Some(until), ..state() };
        assert_eq!(dispatch(state).await.throttled_for, expected);
    }
}
