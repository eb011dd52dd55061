//! What was looked at, and what was not.

use crate::support::{all, meter, read};
use dispatcher_domain::{
    ControlState, DispatchPolicy, OpenBreaker, StatusReason,
    ports::{ControlSnapshot, Observed, QueueDepth},
};
use jiff::Timestamp;
use std::time::Duration;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn value(observed: &Observed, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    read(&meter(), observed).value(&format!("message_dispatcher_{name}"), labels)
}

#[test]
fn every_number_has_its_series() {
    for (name, labels, expected) in [
        ("dependency_up", &[("dependency", "database")][..], 1.0),
        ("dependency_up", &[("dependency", "redis")], 0.0),
        ("processing_enabled", &[], 1.0),
        ("sends_in_flight", &[], 1.0),
        ("configuration_drift", &[], 1.0),
        ("circuit_breaker_state", &[("state", "closed")], 1.0),
        ("circuit_breaker_state", &[("state", "open")], 0.0),
        ("circuit_breaker_state", &[("state", "half_open")], 0.0),
        ("throttle_remaining_seconds", &[], 0.0),
        ("queue_messages", &[("status", "queued")], 7.0),
        ("queue_messages", &[("status", "sending")], 1.0),
        ("queue_messages", &[("status", "unconfirmed")], 2.0),
        ("queue_messages", &[("status", "failed")], 3.0),
        ("queue_messages", &[("status", "expired")], 5.0),
        ("queue_messages", &[("status", "rejected")], 4.0),
        ("queue_due_messages", &[], 5.0),
        ("queue_oldest_due_age_seconds", &[], 1.5),
        ("sent_messages_estimate", &[], 1000.0),
        ("pool_connections", &[("pool", "database"), ("state", "in_use")], 2.0),
        ("pool_connections", &[("pool", "database"), ("state", "idle")], 3.0),
        ("pool_connections_limit", &[("pool", "database")], 16.0),
        ("pool_waiting_callers", &[("pool", "database")], 4.0),
    ] {
        assert_eq!(value(&all(), name, labels), Some(expected), "{name} {labels:?}");
    }
}

#[test]
fn what_was_not_observed_is_not_there() {
    let meter = meter();
    // A scrape before it saw everything: nothing of it may stay.
    read(&meter, &all());
    let blind = Observed { dependencies: vec![("database", false)], ..Observed::default() };
    let read = read(&meter, &blind);
    let database = [("dependency", "database")];
    assert_eq!(read.value("message_dispatcher_dependency_up", &database), Some(0.0));
    for gone in ["queue_", "circuit_breaker_state", "pool_", "processing_", "throttle_", "sent_"] {
        let prefix = format!("message_dispatcher_{gone}");
        let left = read.families().keys().find(|name| name.starts_with(&prefix));
        assert_eq!(left, None);
    }
    assert!(read.families().contains_key("message_dispatcher_sends_total"));
}

#[test]
fn an_empty_queue_has_no_age_and_a_new_database_no_idea_of_what_was_sent() {
    let observed = Observed { queue: Some(QueueDepth::default()), ..Observed::default() };
    assert_eq!(value(&observed, "queue_oldest_due_age_seconds", &[]), Some(0.0));
    assert_eq!(value(&observed, "sent_messages_estimate", &[]), None);
}

#[test]
fn an_open_breaker_is_half_open_once_its_time_is_over() {
    for (until, expected) in [(NOW + Duration::from_secs(1), "open"), (NOW, "half_open")] {
        let reason = StatusReason::of("unknown_503");
        let open = OpenBreaker { until, openings: 1, reason, probe: None };
        let mut state = ControlState::new(DispatchPolicy::default());
        state.breaker.open = Some(open);
        state.throttled_until = Some(until);
        let control = Some(ControlSnapshot { state, now: NOW, in_flight: 0 });
        let observed = Observed { control, ..Observed::default() };
        for state in ["closed", "open", "half_open"] {
            let one = f64::from(u8::from(state == expected));
            assert_eq!(value(&observed, "circuit_breaker_state", &[("state", state)]), Some(one));
        }
        let left = until.duration_since(NOW).as_secs_f64();
        assert_eq!(value(&observed, "throttle_remaining_seconds", &[]), Some(left));
    }
}
