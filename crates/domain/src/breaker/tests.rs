use super::*;
use crate::UnknownCause;
use uuid::Uuid;

const POLICY: BreakerPolicy = BreakerPolicy {
    threshold: 5,
    malformed_threshold: Some(3),
    open_for: Duration::from_secs(30),
    open_cap: Duration::from_secs(600),
    unknown_threshold: 3,
    unknown_open_for: Duration::from_secs(60),
    unknown_open_cap: Duration::from_secs(1800),
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn token(n: u128) -> LeaseToken {
    LeaseToken(Uuid::from_u128(n))
}

fn timeout() -> SendOutcome {
    SendOutcome::Unknown { cause: UnknownCause::Timeout, http_status: None }
}

fn refused_connection() -> SendOutcome {
    let reason = "connect_failed".to_owned();
    SendOutcome::NotSent { reason, http_status: None, retry_after: None }
}

fn accepted(id: Option<&str>) -> SendOutcome {
    SendOutcome::Accepted {
        provider_message_id: id.and_then(crate::ProviderMessageId::parse),
        http_status: 200,
    }
}

fn trip() -> ProviderSignal {
    ProviderSignal::Trip { reason: StatusReason::of("misconfigured_401"), policy: POLICY }
}

#[test]
fn what_opened_the_breaker_once_does_not_open_it_again() {
    let mut seen = ProviderRecord::default();
    while !matches!(POLICY.judge(&mut seen, &timeout()), ProviderSignal::Trip { .. }) {}
    // Another replica's probe has closed it meanwhile.
    let signal = POLICY.judge(&mut seen, &timeout());
    assert!(matches!(signal, ProviderSignal::Failing { .. }), "one failure: {signal:?}");
}

#[test]
fn five_failures_in_a_row_trip_it_and_a_success_between_starts_anew() {
    let mut seen = ProviderRecord::default();
    let trips = |seen: &mut ProviderRecord, outcome| {
        matches!(POLICY.judge(seen, &outcome), ProviderSignal::Trip { .. })
    };
    for _ in 0..4 {
        assert!(!trips(&mut seen, refused_connection()));
    }
    assert!(!trips(&mut seen, accepted(Some("id"))));
    for _ in 0..4 {
        assert!(!trips(&mut seen, refused_connection()));
    }
    assert!(trips(&mut seen, refused_connection()));
}

#[test]
fn an_unknown_outcome_costs_a_message_so_the_third_trips_it_for_longer() {
    let mut seen = ProviderRecord::default();
    for _ in 0..2 {
        let signal = POLICY.judge(&mut seen, &timeout());
        assert!(matches!(signal, ProviderSignal::Failing { .. }), "{signal:?}");
    }
    let mut breaker = Breaker::default();
    let mut now = at(0);
    let mut waits = Vec::new();
    for n in 0..7 {
        breaker.probing(Probe { token: token(n), until: now + Duration::from_secs(60) });
        breaker.heard(now, token(n), &POLICY.judge(&mut seen, &timeout()));
        let until = breaker.blocked_until(now).unwrap();
        waits.push(until.duration_since(now).as_secs());
        now = until;
    }
    assert_eq!(waits, [60, 120, 240, 480, 960, 1800, 1800]);
}

#[test]
fn failures_count_over_all_replicas_and_a_success_of_any_starts_anew() {
    let mut breaker = Breaker::default();
    let failing = |outcome| POLICY.judge(&mut ProviderRecord::default(), &outcome);
    let alive = failing(accepted(Some("id")));
    for signal in [failing(timeout()), failing(timeout()), alive, failing(timeout())] {
        breaker.heard(at(0), token(1), &signal);
    }
    breaker.heard(at(0), token(2), &failing(timeout()));
    assert!(!breaker.is_open());
    breaker.heard(at(0), token(3), &ProviderSignal::Silent);
    breaker.heard(at(0), token(4), &failing(timeout()));
    assert_eq!(breaker.blocked_until(at(0)), Some(at(60)));
}

#[test]
fn the_third_receipt_without_an_id_trips_it() {
    let mut seen = ProviderRecord::default();
    for expected in [false, false, true] {
        let signal = POLICY.judge(&mut seen, &accepted(None));
        assert_eq!(matches!(signal, ProviderSignal::Trip { .. }), expected);
    }
}

#[test]
fn a_provider_that_never_names_a_message_is_alive_all_the_same() {
    let policy = BreakerPolicy { malformed_threshold: None, ..POLICY };
    let mut seen = ProviderRecord::default();
    for _ in 0..10 {
        assert_eq!(policy.judge(&mut seen, &accepted(None)), ProviderSignal::Alive);
    }
}

#[test]
fn a_wrong_token_trips_it_at_once() {
    let signal = POLICY
        .judge(&mut ProviderRecord::default(), &SendOutcome::Misconfigured { http_status: 403 });
    assert!(matches!(signal, ProviderSignal::Trip { .. }));
}

#[test]
fn open_time_doubles_with_each_failed_probe_up_to_the_cap() {
    let mut breaker = Breaker::default();
    let mut now = at(0);
    let mut waits = Vec::new();
    for n in 0..7 {
        breaker.probing(Probe { token: token(n), until: now + Duration::from_secs(60) });
        breaker.heard(now, token(n), &trip());
        let until = breaker.blocked_until(now).unwrap();
        waits.push(until.duration_since(now).as_secs());
        now = until;
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600]);
}

#[test]
fn half_open_lets_one_probe_through_until_its_lease_ends() {
    let mut breaker = Breaker::default();
    breaker.heard(at(0), token(1), &trip());
    assert_eq!(breaker.blocked_until(at(30)), None);
    breaker.probing(Probe { token: token(2), until: at(90) });
    assert_eq!(breaker.blocked_until(at(31)), Some(at(90)));
    assert_eq!(breaker.blocked_until(at(90)), None);
}

#[test]
fn only_the_probe_closes_it() {
    let mut breaker = Breaker::default();
    breaker.heard(at(0), token(1), &trip());
    breaker.heard(at(1), token(9), &ProviderSignal::Alive);
    assert!(breaker.is_open());
    breaker.probing(Probe { token: token(2), until: at(90) });
    breaker.heard(at(31), token(2), &ProviderSignal::Alive);
    assert!(!breaker.is_open());
}

#[test]
fn one_failure_of_the_probe_opens_it_again() {
    let mut breaker = Breaker::default();
    breaker.heard(at(0), token(1), &trip());
    breaker.probing(Probe { token: token(2), until: at(90) });
    let failing =
        ProviderSignal::Failing { reason: StatusReason::of("unknown_timeout"), policy: POLICY };
    breaker.heard(at(40), token(2), &failing);
    assert_eq!(breaker.blocked_until(at(40)), Some(at(100)));
}

#[test]
fn sends_in_flight_when_it_opened_do_not_double_its_time() {
    let mut breaker = Breaker::default();
    breaker.heard(at(0), token(1), &trip());
    breaker.heard(at(2), token(3), &trip());
    assert_eq!(breaker.blocked_until(at(3)), Some(at(30)));
}

#[test]
fn an_acceptance_without_an_id_is_no_failed_send_of_all_replicas() {
    let mut breaker = Breaker::default();
    for outcome in [timeout(), timeout(), accepted(None), timeout(), timeout()] {
        let signal = POLICY.judge(&mut ProviderRecord::default(), &outcome);
        breaker.heard(at(0), token(1), &signal);
    }
    assert!(!breaker.is_open());
}

#[test]
fn requests_to_slow_down_are_counted_until_something_else_is_heard() {
    let slow_down = SendOutcome::RateLimited { http_status: 429, retry_after: None };
    let mut seen = ProviderRecord::default();
    for expected in 1..=3 {
        assert_eq!(POLICY.judge(&mut seen, &slow_down), ProviderSignal::Alive);
        assert_eq!(seen.rate_limited_in_a_row(), expected);
    }
    let _ = POLICY.judge(&mut seen, &accepted(Some("a")));
    assert_eq!(seen.rate_limited_in_a_row(), 0);
}
