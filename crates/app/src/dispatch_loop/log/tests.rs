//! Said once, and said again only when it is news.

use super::*;
use crate::testing::{Logged, seconds, unavailable};
use dispatcher_domain::{ClockAlarm, MessageId, RejectedRow, StatusReason};
use std::sync::Arc;

const EMPTY: Pause = Pause::Empty { next_due_in: None };

fn held(reason: HoldReason) -> Pause {
    Pause::Held(Hold { reason, for_at_least: Some(seconds(7)) })
}

fn store_failed() -> Pause {
    Pause::StoreFailed(Arc::new(unavailable()))
}

/// What is told when batches end like this, one after the other.
fn told(pauses: impl IntoIterator<Item = Pause>) -> Vec<String> {
    let logged = Logged::here();
    let mut log = Log::default();
    for pause in pauses {
        log.batch(&BatchReport { pause, ..BatchReport::default() });
    }
    logged.lines()
}

#[test]
fn an_idle_queue_is_silent() {
    assert_eq!(told([EMPTY, Pause::Full, held(HoldReason::Busy), Pause::Drained]), [""; 0]);
}

#[test]
fn a_store_that_fails_is_told_once_until_it_is_back() {
    let lines = told([store_failed(), store_failed(), EMPTY, EMPTY, store_failed()]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("ERROR the message store fails"), "{lines:?}");
    assert_eq!(lines[1], "INFO the message store is back");
    assert!(lines[2].starts_with("ERROR the message store fails"), "{lines:?}");
}

#[test]
fn a_wait_of_all_and_its_end_are_told_once_whatever_else_happens() {
    let throttled = || held(HoldReason::Throttled);
    let pauses = [throttled(), throttled(), Pause::Drained, throttled(), EMPTY, EMPTY];
    let lines = told(pauses);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("WARN no send starts") && lines[0].contains("seconds=7"));
    assert_eq!(lines[1], "INFO the wait of all of us is over");
}

#[test]
fn the_switch_is_told_once_each_way_and_nobody_knows_it_without_the_store() {
    let stopped = || held(HoldReason::Stopped);
    let lines = told([stopped(), store_failed(), stopped(), EMPTY, EMPTY]);
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("WARN sending is switched off"), "{lines:?}");
    assert_eq!(lines[3], "INFO sending is switched on");
}

#[test]
fn a_batch_has_one_line_and_what_was_found_has_its_own() {
    let logged = Logged::here();
    let report = BatchReport {
        started: 2,
        sent: 1,
        parked: 1,
        rejected: vec![RejectedRow { id: MessageId(5), reason: StatusReason::of("empty_content") }],
        expired: vec![MessageId(6)],
        alarms: vec![ClockAlarm::NextTickTooFar],
        took: seconds(1),
        pause: EMPTY,
        ..BatchReport::default()
    };
    Log::default().batch(&report);
    let lines = logged.lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("ERROR ALARM: a time on the control row"), "{lines:?}");
    assert!(lines[1].contains("id=5") && lines[1].contains("empty_content"), "{lines:?}");
    assert!(lines[2].starts_with("WARN messages were not sent before their expires_at"));
    let figures = "INFO batch started=2 sent=1 deferred=0 failed=0 unconfirmed=1 released=0 \
                   fenced=0 unrecorded=0 rejected=1 expired=1 took_ms=1000 then=\"queue_empty\"";
    assert_eq!(lines[3], figures);
}

#[test]
fn a_batch_that_did_one_thing_only_has_a_line_too() {
    let rejected =
        vec![RejectedRow { id: MessageId(5), reason: StatusReason::of("empty_content") }];
    for report in [
        BatchReport { started: 1, ..BatchReport::default() },
        BatchReport { rejected, ..BatchReport::default() },
        BatchReport { expired: vec![MessageId(6)], ..BatchReport::default() },
    ] {
        let logged = Logged::here();
        Log::default().batch(&report);
        let lines = logged.lines();
        assert!(lines.last().is_some_and(|line| line.starts_with("INFO batch")), "{lines:?}");
    }
}
