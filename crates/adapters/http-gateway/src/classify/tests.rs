//! Every row of the table of outcomes.

use super::*;
use crate::failure::NotSentReason;
use dispatcher_domain::OutcomeClass;

const WAIT: Option<Duration> = Some(Duration::from_secs(7));

fn rules(not_sent_statuses: &[u16], idempotent: bool) -> Rules {
    Rules { not_sent_statuses: not_sent_statuses.to_vec(), idempotent }
}

fn answered(status: u16) -> SendOutcome {
    rules(&[429], false).answered(status, WAIT, b"")
}

fn accepted_id(status: u16, body: &str) -> Option<String> {
    match rules(&[429], false).answered(status, None, body.as_bytes()) {
        SendOutcome::Accepted { provider_message_id, http_status } if http_status == status => {
            provider_message_id.map(|id| id.as_str().to_owned())
        }
        other => panic!("{status} is {other:?}"),
    }
}

#[test]
fn every_2xx_with_an_id_is_accepted_under_that_id() {
    for status in [200, 201, 202, 207, 299] {
        assert_eq!(accepted_id(status, r#"{"messageId":"a-1"}"#).as_deref(), Some("a-1"));
    }
}

#[test]
fn a_2xx_without_a_readable_id_is_accepted_all_the_same() {
    for body in ["", "OK", "<!doctype html>", r#"{"messageId":"#, "{}"] {
        assert_eq!(accepted_id(200, body), None, "{body}");
    }
    assert_eq!(accepted_id(204, ""), None);
}

#[test]
fn every_status_has_its_class() {
    use OutcomeClass::{Accepted, Misconfigured, RateLimited, Refused, Unknown};
    for status in 100..=999 {
        let expected = match status {
            200..=299 => Accepted,
            300..=399 | 401 | 403 | 405 => Misconfigured,
            429 => RateLimited,
            408 => Unknown,
            400..=499 => Refused,
            _ => Unknown,
        };
        let outcome = answered(status);
        assert_eq!(outcome.class(), expected, "{status}");
        assert_eq!(outcome.http_status(), Some(status));
    }
}

#[test]
fn an_unknown_status_says_that_the_status_is_to_blame() {
    for status in [100, 101, 408, 500, 502, 503, 504, 599, 600] {
        assert_eq!(
            answered(status),
            SendOutcome::Unknown { cause: UnknownCause::Status, http_status: Some(status) }
        );
    }
}

#[test]
fn too_many_requests_is_rate_limited_with_its_wait() {
    assert_eq!(answered(429), SendOutcome::RateLimited { http_status: 429, retry_after: WAIT });
}

#[test]
fn too_many_requests_is_unknown_when_the_operator_has_not_listed_it() {
    assert_eq!(rules(&[], false).answered(429, WAIT, b""), unknown_status(429));
}

#[test]
fn a_listed_status_is_not_sent_with_its_wait_whatever_it_is_otherwise() {
    for status in [302, 401, 403, 404, 408, 409, 500, 503] {
        assert_eq!(
            rules(&[status], true).answered(status, WAIT, b""),
            SendOutcome::NotSent {
                reason: format!("provider_{status}"),
                http_status: Some(status),
                retry_after: WAIT,
            }
        );
    }
}

#[test]
fn a_conflict_is_refused_but_unknown_where_keys_are_honoured() {
    assert_eq!(answered(409), SendOutcome::Refused { http_status: 409 });
    assert_eq!(rules(&[429], true).answered(409, None, b""), unknown_status(409));
}

#[test]
fn other_statuses_do_not_depend_on_idempotency() {
    for status in (100..=599).filter(|status| *status != 409) {
        assert_eq!(rules(&[429], true).answered(status, WAIT, b""), answered(status));
    }
}

#[test]
fn a_refusal_is_one_whatever_its_body_claims() {
    let body = br#"{"messageId":"a-1"}"#;
    assert_eq!(
        rules(&[429], false).answered(422, None, body),
        SendOutcome::Refused { http_status: 422 }
    );
}

#[test]
fn what_never_left_is_not_sent_with_its_reason() {
    for reason in NotSentReason::ALL {
        assert_eq!(
            unanswered(Failure::NotSent(reason)),
            SendOutcome::NotSent {
                reason: reason.as_str().to_owned(),
                http_status: None,
                retry_after: None,
            }
        );
    }
}

#[test]
fn what_broke_later_is_unknown_with_its_cause() {
    let cases = [
        (Failure::TimedOut, UnknownCause::Timeout),
        (Failure::ConnectionLost, UnknownCause::ConnectionLost),
    ];
    for (failure, cause) in cases {
        assert_eq!(unanswered(failure), SendOutcome::Unknown { cause, http_status: None });
    }
}
