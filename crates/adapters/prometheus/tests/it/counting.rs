//! Events, and the zeros before them.

use crate::support::{ROUTES, all, meter, read};
use dispatcher_domain::{
    ClockAlarm, OutcomeClass,
    ports::{
        ClaimWord, DoubtWord, LookupWord, Meter, MeterEvent, MetricsText, Observed, Processed,
    },
};
use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Names and values.
type Labels = Vec<(&'static str, &'static str)>;

/// One event of each kind, and the counter that it moves.
fn each() -> Vec<(MeterEvent, &'static str, Labels)> {
    use MeterEvent as E;
    let mut each = vec![
        (E::Rejected, "messages_rejected_total", vec![]),
        (E::Expired, "messages_expired_total", vec![]),
        (E::Rescued, "messages_rescued_total", vec![]),
        (E::RecordRetried, "record_retries_total", vec![]),
        (E::ReceiptWritten { ok: true }, "receipt_writes_total", vec![("result", "written")]),
        (E::ReceiptWritten { ok: false }, "receipt_writes_total", vec![("result", "failed")]),
        (
            E::BreakerTurned { open: true },
            "circuit_breaker_transitions_total",
            vec![("to", "open")],
        ),
        (
            E::BreakerTurned { open: false },
            "circuit_breaker_transitions_total",
            vec![("to", "closed")],
        ),
    ];
    for class in OutcomeClass::ALL {
        let event = E::SendEnded { class, took: SECOND };
        each.push((event, "sends_total", vec![("outcome", class.as_str())]));
    }
    for &result in ClaimWord::ALL {
        let event = E::Claimed { result, took: SECOND };
        each.push((event, "claim_duration_seconds_count", vec![("result", result.as_str())]));
    }
    for &word in Processed::ALL {
        let labels = vec![("result", word.as_str())];
        each.push((E::Processed(word), "messages_processed_total", labels));
    }
    for &word in DoubtWord::ALL {
        each.push((E::Resolved(word), "doubts_resolved_total", vec![("decision", word.as_str())]));
    }
    for &result in LookupWord::ALL {
        let event = E::CacheLookedUp { result, messages: 1 };
        each.push((event, "cache_lookups_total", vec![("result", result.as_str())]));
    }
    for alarm in ClockAlarm::ALL {
        let labels = vec![("alarm", alarm.as_str())];
        each.push((E::ClockMended(alarm), "clock_alarms_total", labels));
    }
    for (method, route) in ROUTES {
        for (status, class) in [(200, "2xx"), (422, "4xx"), (503, "5xx")] {
            let event = E::HttpAnswered { method, route, status, took: SECOND };
            let labels = vec![("method", method), ("route", route), ("status", class)];
            each.push((event, "http_requests_total", labels));
        }
    }
    each
}

#[test]
fn each_counter_is_zero_before_its_first_event_and_one_after_it() {
    for (event, name, labels) in each() {
        let meter = meter();
        let name = format!("message_dispatcher_{name}");
        let value = |meter| read(meter, &Observed::default()).value(&name, &labels);
        assert_eq!(value(&meter), Some(0.0), "{name} {labels:?} before");
        meter.note(event);
        assert_eq!(value(&meter), Some(1.0), "{name} {labels:?} after");
    }
}

#[test]
fn no_event_makes_a_series_that_was_not_there() {
    let meter = meter();
    let count = |meter: &PrometheusMeter| meter.render(&all()).unwrap().lines().count();
    let before = count(&meter);
    each().into_iter().for_each(|(event, ..)| meter.note(event));
    let (method, route) = ("other", "unmatched");
    meter.note(MeterEvent::HttpAnswered { method, route, status: 404, took: SECOND });
    assert_eq!(count(&meter), before);
}

#[test]
fn times_are_in_seconds() {
    let meter = meter();
    let took = Duration::from_millis(2500);
    meter.note(MeterEvent::SendEnded { class: OutcomeClass::Accepted, took });
    let read = read(&meter, &Observed::default());
    let bucket =
        |le| read.value("message_dispatcher_send_duration_seconds_bucket", &[("le", le)]).unwrap();
    assert_eq!(read.value("message_dispatcher_send_duration_seconds_sum", &[]), Some(2.5));
    assert_eq!((bucket("2"), bucket("4"), bucket("6"), bucket("120")), (0.0, 1.0, 1.0, 1.0));
}

#[test]
fn many_messages_of_one_look_up_count_each() {
    let meter = meter();
    meter.note(MeterEvent::CacheLookedUp { result: LookupWord::Hit, messages: 40 });
    let read = read(&meter, &Observed::default());
    let hits = read.value("message_dispatcher_cache_lookups_total", &[("result", "hit")]);
    assert_eq!(hits, Some(40.0));
}

#[test]
fn the_build_is_told_whatever_letters_it_has() {
    let (version, commit) = ("1.2.3".into(), "a \"b\" \\ c\nd".into());
    let meter = PrometheusMeter::new(&MeterConfig { version, commit, routes: vec![] }).unwrap();
    let labels = [("version", "1.2.3"), ("commit", "a \"b\" \\ c\nd")];
    let read = read(&meter, &Observed::default());
    assert_eq!(read.value("message_dispatcher_build_info", &labels), Some(1.0));
}

#[test]
fn two_meters_of_one_process_know_nothing_of_each_other() {
    let (one, other) = (meter(), meter());
    one.note(MeterEvent::Rescued);
    let rescued = |meter| {
        read(meter, &Observed::default()).value("message_dispatcher_messages_rescued_total", &[])
    };
    assert_eq!((rescued(&one), rescued(&other)), (Some(1.0), Some(0.0)));
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_is_told() {
    let read = read(&meter(), &Observed::default());
    assert!(read.value("process_resident_memory_bytes", &[]).is_some_and(|bytes| bytes > 1e5));
    assert!(read.value("process_start_time_seconds", &[]).is_some_and(|seconds| seconds > 1e9));
}
