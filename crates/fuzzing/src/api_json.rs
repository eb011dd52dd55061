//! Bodies and cursors of the API: understood exactly, or refused with a reason.

use async_trait::async_trait;
use dispatcher_api::fuzzing::{Command, Refused, command, decode_cursor, encode_cursor, enqueue};
use dispatcher_app::{Enqueue, Wake};
use dispatcher_domain::{
    MessageBody, MessageLimits, OperatorCommand, OperatorRequest, PhoneNumber, ProviderMessageId,
    Terms, ports::Clock,
};
use dispatcher_memory::MemoryStore;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};

pub(crate) fn run(bytes: &[u8]) {
    let object = match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    };
    new_message(bytes, object.as_ref());
    for kind in [Command::Cancel, Command::Requeue, Command::Resolve] {
        operators(bytes, kind, object.as_ref());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        cursor(text);
    }
}

fn new_message(bytes: &[u8], object: Option<&Map<String, Value>>) {
    let store = Arc::new(MemoryStore::new(|| NOW));
    let limits = MessageLimits::default();
    let rules = Enqueue::new(store, Arc::new(Noon), limits, Wake::default());
    match enqueue(bytes, &rules) {
        Ok((phone_number, content, terms)) => {
            let object = object.expect("only an object is a message");
            assert_eq!(object.get("phone_number"), Some(&Value::from(&*phone_number)));
            assert_eq!(object.get("content"), Some(&Value::from(&*content)));
            assert!(PhoneNumber::parse(&phone_number).is_ok());
            assert!(MessageBody::parse(&content, &limits).is_ok());
            let known = ["phone_number", "content", "not_before", "expires_at", "priority"];
            assert!(object.keys().all(|name| known.contains(&&**name)), "no wish is lost");
            as_told(terms, object);
        }
        Err(refusal) => {
            let content = object.and_then(|object| object.get("content")?.as_str());
            refused(&refusal, object.is_some(), content);
        }
    }
}

/// To the microsecond, which is what stores keep.
fn as_told(terms: Terms, object: &Map<String, Value>) {
    let field = |name: &str| object.get(name).filter(|value| !value.is_null());
    let time = |name: &str| {
        let text = field(name)?.as_str().expect("a time is a text");
        let time: Timestamp = text.parse().expect("it was read");
        Some(time.as_nanosecond().div_euclid(1_000))
    };
    let micros = |time: Timestamp| time.as_nanosecond().div_euclid(1_000);
    assert_eq!(terms.not_before.map(micros), time("not_before"));
    assert_eq!(terms.expires_at.map(micros), time("expires_at"));
    assert!([terms.not_before, terms.expires_at].iter().flatten().all(|time| {
        time.subsec_nanosecond() % 1_000 == 0 && (1..=9999).contains(&year(*time))
    }));
    assert!(terms.expires_at.is_none_or(|end| end > NOW && terms.not_before < Some(end)));
    let priority = field("priority").map_or(0, |value| value.as_i64().expect("a number"));
    assert_eq!(i64::from(terms.priority.get()), priority);
}

fn year(time: Timestamp) -> i32 {
    let text = time.to_string();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.trim_start_matches('-').split('-').next().unwrap_or_default();
    sign * digits.parse::<i32>().expect("a year")
}

/// Always the same, so that what was found once is found again.
struct Noon;

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

#[async_trait]
impl Clock for Noon {
    fn wall(&self) -> Timestamp {
        NOW
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

fn operators(bytes: &[u8], kind: Command, object: Option<&Map<String, Value>>) {
    let field = |name: &str| object.and_then(|object| object.get(name)).filter(|it| !it.is_null());
    // A command may come without a body: it has no fields then.
    let has_fields = object.is_some() || bytes.is_empty();
    match command(bytes, kind) {
        Ok(OperatorRequest { command, seen_attempt }) => {
            assert!(has_fields);
            let attempt = field("attempt").and_then(Value::as_i64);
            assert_eq!(seen_attempt.map(i64::from), attempt);
            assert!(seen_attempt.is_none_or(|attempt| attempt >= 0));
            let outcome = field("outcome").and_then(Value::as_str);
            match (kind, command) {
                (Command::Cancel, OperatorCommand::Cancel) => {}
                (Command::Requeue, OperatorCommand::Requeue { force }) => {
                    // Forced only by whoever says so: a second SMS may come of it.
                    assert_eq!(force, field("force") == Some(&Value::Bool(true)));
                }
                (Command::Resolve, OperatorCommand::ResolveSent { provider_message_id }) => {
                    assert_eq!(outcome, Some("sent"));
                    let id = provider_message_id.as_ref().map(ProviderMessageId::as_str);
                    assert_eq!(id, field("message_id").and_then(Value::as_str).map(str::trim));
                }
                (Command::Resolve, OperatorCommand::ResolveNotSent) => {
                    assert_eq!((outcome, field("message_id")), (Some("not_sent"), None));
                }
                (kind, command) => panic!("{kind:?} became {command:?}"),
            }
        }
        Err(refusal) => refused(&refusal, has_fields, None),
    }
}

/// Problem details with a status of ours, which repeat no content.
fn refused((status, body): &Refused, is_object: bool, content: Option<&str>) {
    assert_eq!(*status, if is_object { 422 } else { 400 });
    let body: Value = serde_json::from_slice(body).expect("problem details are JSON");
    assert_eq!(body["status"], *status);
    let errors = body["errors"].as_array().map_or(0, Vec::len);
    assert_eq!(errors > 0, is_object, "{body}");
    // Short texts may be a part of any sentence.
    let told = body.to_string();
    assert!(content.is_none_or(|it| it.len() < 40 || !told.contains(it)), "{told}");
}

fn cursor(text: &str) {
    if let Some(place) = decode_cursor(text) {
        assert_eq!(decode_cursor(&encode_cursor(place)), Some(place), "{text:?}");
    }
}
