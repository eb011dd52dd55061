//! A provider's answer: status, `Retry-After` and body. The first line has the
//! status, and a `+` for a provider that honours keys; the rest is the body.

use crate::line_and_rest;
use dispatcher_domain::{
    Effect, LookUp, OutcomeClass, ProviderMessageId, RetryPolicy, SendOutcome,
};
use dispatcher_http_gateway::fuzzing::{answered, looked_up};
use serde_json::Value;
use std::time::Duration;

const NOT_SENT: [u16; 2] = [429, 503];

pub(crate) fn run(bytes: &[u8]) {
    let (head, body) = line_and_rest(bytes);
    let idempotent = head.ends_with(b"+");
    let digits = head.iter().filter(|byte| byte.is_ascii_digit());
    let status = digits
        .fold(0_u16, |status, digit| status.wrapping_mul(10).wrapping_add(u16::from(digit - b'0')));
    let wait = Some(Duration::from_secs(body.len() as u64 * 1_000_000));
    let outcome = answered(&NOT_SENT, idempotent, status, wait, body);
    assert_eq!(outcome.class(), expected(status, idempotent), "{status}");
    match &outcome {
        SendOutcome::Accepted { provider_message_id: Some(id), .. } => usable(id, body),
        SendOutcome::Accepted { provider_message_id: None, .. } => assert!(!has_plain_id(body)),
        // Once it is not 2xx, what a stranger writes changes nothing.
        other => assert_eq!(other, &answered(&NOT_SENT, idempotent, status, wait, b"")),
    }
    effect(&outcome);
    look_up(status, body);
}

/// The table of docs/delivery.md, once more.
fn expected(status: u16, idempotent: bool) -> OutcomeClass {
    match status {
        200..=299 => OutcomeClass::Accepted,
        429 => OutcomeClass::RateLimited,
        503 => OutcomeClass::NotSent,
        401 | 403 | 405 | 300..=399 => OutcomeClass::Misconfigured,
        408 => OutcomeClass::Unknown,
        409 if idempotent => OutcomeClass::Unknown,
        400..=499 => OutcomeClass::Refused,
        _ => OutcomeClass::Unknown,
    }
}

/// It goes into a column, a log and a header of ours.
fn usable(id: &ProviderMessageId, body: &[u8]) {
    let text = id.as_str();
    assert!(!text.trim().is_empty(), "an id that nobody sees: {text:?}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.chars().count() <= ProviderMessageId::MAX_CHARS, "{text:?}");
    assert_eq!(ProviderMessageId::parse(text).as_ref(), Some(id), "kept as it is: {text:?}");
    assert!(body.starts_with(b"{") || body[0].is_ascii_whitespace(), "only an object has one");
}

/// Whether anybody who reads JSON finds an id there.
fn has_plain_id(body: &[u8]) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return false };
    // Twice the same field is left to the reader.
    let once = |name: &str| {
        let quoted = format!("\"{name}\"");
        String::from_utf8_lossy(body).matches(&quoted).count() == 1
    };
    let plain = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => text.chars().any(|c| !c.is_control() && !c.is_whitespace()),
        Some(Value::Number(_)) => true,
        _ => false,
    };
    let alone = |name: &str| plain(name) && once(name);
    (alone("messageId") && !fields.contains_key("message_id"))
        || (alone("message_id") && !fields.contains_key("messageId"))
}

/// A stranger decides how long we wait only up to our cap.
fn effect(outcome: &SendOutcome) {
    let retry = RetryPolicy::default();
    match Effect::of(outcome, 3, &retry, 0.99) {
        Effect::Requeue { after, .. } => assert!(after <= retry.cap, "{after:?}"),
        Effect::Sent { .. } => assert_eq!(outcome.class(), OutcomeClass::Accepted),
        Effect::Fail { .. } => assert_eq!(outcome.class(), OutcomeClass::Refused),
        Effect::Park { .. } => assert_eq!(outcome.class(), OutcomeClass::Unknown),
    }
}

fn look_up(status: u16, body: &[u8]) {
    match looked_up(status, body) {
        LookUp::Accepted { provider_message_id } => {
            assert_eq!(status, 200);
            usable(&provider_message_id, body);
        }
        LookUp::NotKnown => assert_eq!(status, 404),
        LookUp::Failed => assert!(status != 404 && !(status == 200 && has_plain_id(body))),
        LookUp::Unsupported => panic!("it was asked"),
    }
}
