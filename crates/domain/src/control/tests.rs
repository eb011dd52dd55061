//! The pace, in manual time.

use super::*;
use crate::{OpenBreaker, Ordering, StatusReason};
use proptest::prelude::*;
use std::num::NonZeroU32;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

fn policy(batch: u32, period: u64, ordering: Ordering) -> DispatchPolicy {
    DispatchPolicy {
        batch_size: NonZeroU32::new(batch).unwrap(),
        period: Duration::from_secs(period),
        ordering,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn token(n: u128) -> LeaseToken {
    LeaseToken(Uuid::from_u128(n))
}

fn reason(result: Result<Admission, Hold>) -> HoldReason {
    result.unwrap_err().reason
}

#[test]
fn the_first_batch_begins_at_once_and_the_next_one_period_after_its_last_send() {
    let mut state = ControlState::new(DispatchPolicy::default());
    for n in 0u32..2 {
        let now = at(i64::from(n));
        assert_eq!(state.admit(now, 64), Ok(Admission { max: 1 }));
        state.started(now, 1, token(n.into()), LEASE);
        state.finished(now, token(n.into()), &ProviderSignal::Alive);
    }
    let hold = state.admit(at(1), 64).unwrap_err();
    assert_eq!(hold.reason, HoldReason::QuotaUsed);
    assert_eq!(hold.for_at_least, Some(Duration::from_secs(120)));
    assert!(state.admit(at(120), 64).is_err());
    assert!(state.admit(at(121), 64).is_ok());
}

#[test]
fn strict_order_waits_for_the_send_in_flight_or_the_end_of_its_lease() {
    let mut state = ControlState::new(policy(2, 0, Ordering::Strict));
    state.admit(at(0), 1).unwrap();
    state.started(at(0), 1, token(1), LEASE);
    assert_eq!(reason(state.clone().admit(at(59), 1)), HoldReason::Busy);
    assert!(state.clone().admit(at(60), 1).is_ok());
    state.finished(at(2), token(1), &ProviderSignal::Silent);
    assert!(state.admit(at(2), 1).is_ok());
}

#[test]
fn a_late_completion_does_not_free_the_send_that_came_after_it() {
    let mut state = ControlState::new(policy(2, 0, Ordering::Strict));
    state.started(at(0), 1, token(1), LEASE);
    state.started(at(60), 1, token(2), LEASE);
    state.finished(at(61), token(1), &ProviderSignal::Alive);
    assert_eq!(reason(state.admit(at(61), 1)), HoldReason::Busy);
}

#[test]
fn left_over_quota_stays_usable_and_is_never_added_up() {
    let mut state = ControlState::new(policy(2, 100, Ordering::None));
    assert_eq!(state.admit(at(0), 1), Ok(Admission { max: 1 }));
    state.started(at(0), 1, token(1), LEASE);
    assert_eq!(state.clone().admit(at(50), 9), Ok(Admission { max: 1 }));
    assert_eq!(state.admit(at(100_000), 9), Ok(Admission { max: 2 }));
}

#[test]
fn an_empty_queue_spends_no_tick() {
    let state = ControlState::new(DispatchPolicy::default());
    // The caller claims nothing and does not save what `admit` changed.
    let mut looked = state.clone();
    looked.admit(at(0), 1).unwrap();
    assert_eq!(state.next_tick_at, Timestamp::UNIX_EPOCH);
}

#[test]
fn nothing_starts_while_stopped() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    state.enabled = false;
    let hold = state.admit(at(0), 1).unwrap_err();
    assert_eq!(hold, Hold { reason: HoldReason::Stopped, for_at_least: None });
}

#[test]
fn a_slow_down_holds_all_sends_and_a_shorter_one_does_not_shorten_it() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    for seconds in [30, 5] {
        let wait = Duration::from_secs(seconds);
        state.finished(at(0), token(1), &ProviderSignal::SlowDown { wait });
    }
    assert_eq!(reason(state.clone().admit(at(29), 1)), HoldReason::Throttled);
    assert!(state.is_paced(at(29)) && !state.is_paced(at(30)));
    assert!(state.admit(at(30), 1).is_ok());
}

#[test]
fn a_throttle_of_a_month_is_one_of_a_day_and_no_clock_alarm() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    let wait = Duration::from_secs(30 * 86_400);
    state.finished(at(0), token(1), &ProviderSignal::SlowDown { wait });
    assert_eq!(state.mend_clock(at(0)), []);
    assert_eq!(reason(state.clone().admit(at(86_399), 1)), HoldReason::Throttled);
    assert!(state.admit(at(86_400), 1).is_ok());
}

#[test]
fn an_open_breaker_lets_a_single_send_through_however_many_are_wanted() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    let trip = ProviderSignal::Trip {
        reason: StatusReason::of("misconfigured_401"),
        policy: crate::BreakerPolicy::default(),
    };
    state.finished(at(0), token(1), &trip);
    assert_eq!(reason(state.clone().admit(at(1), 64)), HoldReason::BreakerOpen);
    assert_eq!(state.admit(at(30), 64), Ok(Admission { max: 1 }));
    state.started(at(30), 1, token(2), LEASE);
    assert_eq!(reason(state.admit(at(31), 64)), HoldReason::BreakerOpen);
}

#[test]
fn a_start_makes_an_open_breaker_probe_at_once_and_once() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    let trip = ProviderSignal::Trip {
        reason: StatusReason::of("misconfigured_401"),
        policy: crate::BreakerPolicy::default(),
    };
    state.finished(at(0), token(1), &trip);
    assert!(state.switch(at(1), true), "it was on");
    assert_eq!(state.admit(at(1), 64), Ok(Admission { max: 1 }));
    state.started(at(1), 1, token(2), LEASE);
    assert!(state.switch(at(2), true));
    assert_eq!(reason(state.clone().admit(at(2), 64)), HoldReason::BreakerOpen, "one at a time");
    state.finished(at(3), token(2), &trip);
    assert_eq!(state.breaker.open.as_ref().unwrap().until, at(63), "twice as long as the first");
}

#[test]
fn a_start_does_not_shorten_what_the_provider_asked_for_and_a_stop_does_not_probe() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    let wait = Duration::from_secs(30);
    state.finished(at(0), token(1), &ProviderSignal::SlowDown { wait });
    assert!(state.switch(at(1), false));
    assert!(!state.switch(at(2), true), "it was off");
    assert_eq!(reason(state.admit(at(3), 1)), HoldReason::Throttled);
}

#[test]
fn a_new_period_counts_from_the_last_send_be_it_shorter_or_longer() {
    for (period, next) in [(10, 10), (7200, 7200)] {
        let mut state = ControlState::new(policy(2, 3600, Ordering::Strict));
        state.started(at(0), 1, token(1), LEASE);
        state.install(at(5), policy(1, period, Ordering::Strict), None);
        assert_eq!((state.next_tick_at, state.quota_left), (at(next), 0));
    }
}

#[test]
fn a_first_quota_waits_a_whole_period_because_nobody_counted_before() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    state.started(at(0), 50, token(1), LEASE);
    state.install(at(5), policy(2, 100, Ordering::None), None);
    assert_eq!(state.next_tick_at, at(105));
}

#[test]
fn a_restart_with_the_same_pace_changes_nothing() {
    let mut state = ControlState::new(policy(2, 100, Ordering::Strict));
    state.admit(at(0), 1).unwrap();
    state.started(at(0), 1, token(1), LEASE);
    let before = state.clone();
    state.install(at(5), policy(2, 100, Ordering::Strict), None);
    assert_eq!(state, before);
}

#[test]
fn a_new_queue_begins_at_once_under_any_period() {
    let mut state = ControlState::new(DispatchPolicy::default());
    state.install(at(0), policy(2, 10, Ordering::Strict), None);
    assert!(state.admit(at(0), 1).is_ok());
}

#[test]
fn a_clock_set_back_is_mended_with_an_alarm() {
    let mut state = ControlState::new(policy(2, 120, Ordering::Strict));
    state.started(at(1_000_000), 1, token(1), LEASE);
    let alarms = state.mend_clock(at(0));
    assert_eq!(alarms, [ClockAlarm::NextTickTooFar, ClockAlarm::BusyTooLong]);
    assert_eq!(state.next_tick_at, at(120));
    assert_eq!(state.busy.unwrap().until, at(60));
    assert_eq!(state.mend_clock(at(0)), []);
}

#[test]
fn a_throttle_or_breaker_from_a_clock_set_back_is_lifted() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    let wait = Duration::from_secs(60);
    state.finished(at(1_000_000), token(1), &ProviderSignal::SlowDown { wait });
    let trip = ProviderSignal::Trip {
        reason: StatusReason::of("misconfigured_401"),
        policy: crate::BreakerPolicy::default(),
    };
    state.finished(at(1_000_000), token(1), &trip);
    assert!(state.clone().admit(at(0), 1).is_err());
    assert_eq!(state.mend_clock(at(0)), [ClockAlarm::HoldTooLong, ClockAlarm::HoldTooLong]);
    assert!(state.admit(at(0), 1).is_ok());
}

#[test]
fn a_breaker_that_is_open_for_as_long_as_it_may_be_is_no_clock_alarm() {
    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    let reason = StatusReason::of("misconfigured_401");
    let longest = |until| OpenBreaker { until, openings: 9, reason: reason.clone(), probe: None };
    state.breaker.open = Some(longest(at(86_400)));
    assert_eq!(state.mend_clock(at(0)), []);
    state.breaker.open = Some(longest(at(86_401)));
    assert_eq!(state.mend_clock(at(0)), [ClockAlarm::HoldTooLong]);
}

#[test]
fn a_send_whose_owner_vanished_counts_until_the_end_of_its_lease() {
    let mut state = ControlState::new(policy(1, 120, Ordering::Strict));
    state.admit(at(0), 1).unwrap();
    state.started(at(0), 1, token(1), LEASE);
    let hold = state.admit(at(120), 1).unwrap_err();
    assert_eq!(hold.for_at_least, Some(Duration::from_secs(60)), "it may have arrived at 60");
    assert!(state.admit(at(180), 1).is_ok());
}

#[test]
fn strict_order_begins_when_what_is_in_flight_must_be_over() {
    let mut state = ControlState::new(policy(1, 0, Ordering::None));
    state.started(at(0), 50, token(1), LEASE);
    state.install(at(5), policy(1, 0, Ordering::Strict), Some(at(60)));
    state.finished(at(6), token(1), &ProviderSignal::Alive);
    assert_eq!(reason(state.admit(at(59), 1)), HoldReason::Busy);
    assert!(state.admit(at(60), 1).is_ok());
}

#[test]
fn what_ends_at_this_moment_is_over_when_strict_order_begins() {
    let mut state = ControlState::new(policy(1, 0, Ordering::None));
    state.install(at(60), policy(1, 0, Ordering::Strict), Some(at(60)));
    assert_eq!(state.busy, None);
}

#[test]
fn a_tick_two_intervals_ahead_is_no_fault_of_the_clock() {
    let mut state = ControlState::new(policy(2, 120, Ordering::None));
    state.next_tick_at = at(240);
    assert_eq!(state.mend_clock(at(0)), []);
    state.next_tick_at = at(241);
    assert_eq!(state.mend_clock(at(0)), [ClockAlarm::NextTickTooFar]);
}

#[test]
fn another_replicas_long_lease_is_no_clock_alarm() {
    let mut state = ControlState::new(policy(2, 120, Ordering::Strict));
    state.started(at(0), 1, token(1), Duration::from_secs(600));
    assert_eq!(state.mend_clock(at(1)), []);
}

/// One thing that can happen to a queue.
#[derive(Debug, Clone)]
enum Step {
    Pass(u16),
    Start(u32),
    Finish(u128),
    Stop,
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u16..8_000).prop_map(Step::Pass),
        (1u32..5).prop_map(Step::Start),
        (0u128..40).prop_map(Step::Finish),
        Just(Step::Stop),
        Just(Step::Resume),
    ]
}

fn orderings() -> impl Strategy<Value = Ordering> {
    prop_oneof![Just(Ordering::Strict), Just(Ordering::Recipient), Just(Ordering::None)]
}

proptest! {
    #[test]
    fn no_rolling_window_sees_more_starts_than_the_batch_size(
        steps in prop::collection::vec(step(), 1..120),
        batch in 1u32..4,
        ordering in orderings(),
    ) {
        let period = Duration::from_secs(10);
        let mut state = ControlState::new(policy(batch, 10, ordering));
        let mut now = at(0);
        let mut starts: Vec<Timestamp> = Vec::new();
        for step in steps {
            match step {
                Step::Pass(millis) => now += Duration::from_millis(millis.into()),
                Step::Start(want) => {
                    if let Ok(admission) = state.admit(now, want) {
                        prop_assert!(state.enabled);
                        let id = token(starts.len() as u128);
                        state.started(now, admission.max, id, Duration::from_secs(3));
                        starts.extend((0..admission.max).map(|_| now));
                    }
                }
                Step::Finish(n) => state.finished(now, token(n), &ProviderSignal::Alive),
                Step::Stop => state.enabled = false,
                Step::Resume => state.enabled = true,
            }
        }
        for (i, first) in starts.iter().enumerate() {
            let in_window = starts[i..].iter().filter(|start| **start < *first + period).count();
            prop_assert!(in_window <= batch as usize, "{in_window} starts within {period:?}");
        }
    }
}

#[test]
fn it_waits_for_the_send_in_strict_order_and_for_the_probe_and_for_no_other() {
    let mut state = ControlState::new(policy(2, 0, Ordering::Strict));
    assert!(!state.awaits(token(1)));
    state.started(at(0), 1, token(1), LEASE);
    assert!(state.awaits(token(1)) && !state.awaits(token(2)));

    let mut state = ControlState::new(policy(2, 0, Ordering::None));
    state.started(at(0), 1, token(1), LEASE);
    assert!(!state.awaits(token(1)), "many at once: nobody waits");
    let reason = StatusReason::of("misconfigured_401");
    let policy = crate::BreakerPolicy::default();
    state.finished(at(0), token(1), &ProviderSignal::Trip { reason, policy });
    state.started(at(3600), 1, token(2), LEASE);
    assert!(state.awaits(token(2)) && !state.awaits(token(1)), "the probe");
}

#[test]
fn a_send_that_nobody_waits_for_is_not_mended_until_somebody_does() {
    let mut state = ControlState::new(policy(1, 0, Ordering::Strict));
    state.started(at(0), 1, token(1), LEASE);
    state.policy = policy(1, 0, Ordering::Recipient);
    assert_eq!(state.mend_clock(at(-61)), []);
    state.policy = policy(1, 0, Ordering::Strict);
    assert_eq!(state.mend_clock(at(-60)), [], "two leases ahead");
    assert_eq!(state.mend_clock(at(-61)), [ClockAlarm::BusyTooLong]);
    assert!(state.admit(at(-1), 1).is_ok(), "one lease later");
}

#[test]
fn a_lost_send_counts_until_the_end_of_its_lease_in_strict_order_alone() {
    let mut state = ControlState::new(policy(1, 120, Ordering::Strict));
    state.admit(at(0), 1).unwrap();
    state.started(at(0), 1, token(1), LEASE);
    state.install(at(1), policy(1, 120, Ordering::None), None);
    assert!(state.admit(at(120), 1).is_ok(), "one interval after its start");
}

#[test]
fn each_of_quota_order_breaker_and_throttle_alone_makes_the_queue_paced() {
    let free = ControlState::new(policy(1, 0, Ordering::None));
    assert!(!free.is_paced(at(0)));
    assert!(ControlState::new(policy(1, 1, Ordering::None)).is_paced(at(0)), "quota");
    assert!(ControlState::new(policy(1, 0, Ordering::Strict)).is_paced(at(0)), "order");
    let mut throttled = free.clone();
    throttled.throttled_until = Some(at(10));
    assert!(throttled.is_paced(at(9)) && !throttled.is_paced(at(10)));
    let mut open = free;
    let reason = StatusReason::of("misconfigured_401");
    let policy = crate::BreakerPolicy::default();
    open.finished(at(0), token(1), &ProviderSignal::Trip { reason, policy });
    assert!(open.is_paced(at(1)) && open.is_paced(at(3600)), "until a probe closes it");
}
