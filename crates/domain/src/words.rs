//! Words that programs and people rely on: in columns, logs, metrics, settings
//! and the API. Each is written here once more, so that none changes unnoticed.

use crate::{
    ClockAlarm, DeliveryPolicy, HoldReason, InstanceName, InvalidTerms, LeaseToken, MessageId,
    OperatorCommand, Ordering, OutcomeClass, TextEncoding, UnknownCause,
};
use jiff::Timestamp;
use uuid::Uuid;

#[test]
fn what_holds_a_start_back_and_what_was_mended() {
    let holds = [
        (HoldReason::Stopped, "stopped"),
        (HoldReason::BreakerOpen, "breaker_open"),
        (HoldReason::Throttled, "throttled"),
        (HoldReason::Busy, "busy"),
        (HoldReason::QuotaUsed, "quota_used"),
    ];
    for (hold, word) in holds {
        assert_eq!(hold.as_str(), word);
    }
    let words = ["next_tick_too_far", "busy_too_long", "hold_too_long"];
    assert_eq!(ClockAlarm::ALL.map(ClockAlarm::as_str), words);
}

#[test]
fn how_a_send_ended() {
    let classes = [
        (OutcomeClass::Accepted, "accepted"),
        (OutcomeClass::NotSent, "not_sent"),
        (OutcomeClass::RateLimited, "rate_limited"),
        (OutcomeClass::Refused, "refused"),
        (OutcomeClass::Misconfigured, "misconfigured"),
        (OutcomeClass::Unknown, "unknown"),
    ];
    for (class, word) in classes {
        assert_eq!(class.as_str(), word);
    }
    let causes = [
        (UnknownCause::Timeout, "timeout"),
        (UnknownCause::ConnectionLost, "connection_lost"),
        (UnknownCause::Status, "provider_status"),
        (UnknownCause::Panic, "panic"),
    ];
    for (cause, word) in causes {
        assert_eq!(cause.as_str(), word);
    }
}

#[test]
fn what_operators_say() {
    let commands = [
        (OperatorCommand::Cancel, "cancel"),
        (OperatorCommand::Requeue { force: false }, "requeue"),
        (OperatorCommand::Requeue { force: true }, "requeue_by_force"),
        (OperatorCommand::ResolveSent { provider_message_id: None }, "resolve_sent"),
        (OperatorCommand::ResolveNotSent, "resolve_not_sent"),
    ];
    for (command, word) in commands {
        assert_eq!(command.as_str(), word);
    }
}

#[test]
fn why_a_message_can_never_go_out() {
    let over = InvalidTerms::Over { now: Timestamp::UNIX_EPOCH };
    assert_eq!(over.code(), "expires_in_the_past");
    assert_eq!(InvalidTerms::NeverDue.code(), "expires_before_it_is_due");
}

#[test]
fn what_settings_say() {
    assert_eq!(DeliveryPolicy::ALL.map(DeliveryPolicy::as_str), ["at_most_once", "at_least_once"]);
    for (ordering, word) in
        [(Ordering::Strict, "strict"), (Ordering::Recipient, "recipient"), (Ordering::None, "none")]
    {
        assert_eq!((ordering.as_str(), &*ordering.to_string()), (word, word));
    }
}

#[test]
fn names_are_shown_as_they_are() {
    assert_eq!(InstanceName::new("replica-1").as_str(), "replica-1");
    assert_eq!(InstanceName::new(&"ü".repeat(101)).as_str(), "ü".repeat(100));
    assert_eq!(MessageId(7).to_string(), "7");
    let token = LeaseToken(Uuid::from_u128(7));
    assert_eq!(token.to_string(), "00000000-0000-0000-0000-000000000007");
    for encoding in [TextEncoding::Gsm7, TextEncoding::Ucs2] {
        assert_eq!(TextEncoding::of_word(&encoding.to_string()), Some(encoding));
    }
}
