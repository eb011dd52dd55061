//! The body of `POST /api/messages`, read so that each mistake has its name.

mod terms;

use crate::problem::{Code, FieldError, Problem};
use actix_web::{HttpRequest, http::header::CONTENT_TYPE, web::Payload};
use dispatcher_app::{Enqueue, InvalidField};
use dispatcher_domain::Terms;
use futures_util::StreamExt;
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::timeout;

/// Most bytes of a body: more than the 10,000 characters that `MAX_CONTENT_LENGTH`
/// can allow take where each is written as an escaped pair, in twelve bytes.
const LIMIT: usize = 128 * 1024;

/// The longest that a body may take to arrive: one that comes a byte at a time
/// would keep its connection for ever.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// What a new message is to be.
#[derive(PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) phone_number: String,
    pub(crate) content: String,
    pub(crate) terms: Terms,
}

/// Hides what is personal.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wanted").finish_non_exhaustive()
    }
}

/// Reads the body, at most [`LIMIT`] bytes of it. What can be read is checked
/// by `rules` even if other fields cannot be read: one answer names all faults.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    rules: &Enqueue,
) -> Result<Wanted, Problem> {
    require_json(request)?;
    let bytes = collect(payload).await?;
    parse(&bytes, rules)
}

/// A browser sends no other origin's `application/json` without asking first:
/// this keeps foreign pages from enqueueing.
pub(crate) fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = "send the header Content-Type: application/json";
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

fn too_slow() -> Problem {
    let detail = format!("send the whole body within {} seconds", ARRIVES_WITHIN.as_secs());
    Problem::new(Code::BodyTooSlow, detail)
}

/// The whole body, if it arrives in time and is not too large.
pub(crate) async fn collect(payload: Payload) -> Result<Vec<u8>, Problem> {
    timeout(ARRIVES_WITHIN, receive(payload)).await.unwrap_or_else(|_| Err(too_slow()))
}

async fn receive(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(Code::InvalidJson, format!("the body broke off: {error}"))
        })?;
        if bytes.len() + chunk.len() > LIMIT {
            let detail = format!("a body has at most {LIMIT} bytes of JSON");
            return Err(Problem::new(Code::BodyTooLarge, detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

pub(crate) fn parse(bytes: &[u8], rules: &Enqueue) -> Result<Wanted, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    let Value::Object(mut object) = value else {
        let detail =
            r#"expected an object such as {"phone_number":"+905551234567","content":"Hello"}"#;
        return Err(Problem::new(Code::InvalidJson, detail));
    };
    let phone_number = text(&mut object, "phone_number", |text| rules.phone_number(text).err());
    let content = text(&mut object, "content", |text| rules.body(text).err());
    let terms = terms::take(&mut object, rules);
    let unknown: Vec<FieldError> = object.keys().map(|name| unknown_field(name)).collect();
    match (phone_number, content, terms) {
        (Ok(phone_number), Ok(content), Ok(terms)) if unknown.is_empty() => {
            Ok(Wanted { phone_number, content, terms })
        }
        (phone_number, content, terms) => {
            let texts = [phone_number.err(), content.err()].into_iter().flatten();
            let terms = terms.err().into_iter().flatten();
            Err(Problem::fields(texts.chain(terms).chain(unknown).collect()))
        }
    }
}

/// Says where it breaks, and never what stands there.
fn not_json(error: &serde_json::Error) -> Problem {
    let mut detail = error.to_string();
    // `\ud83d` alone: half of a character, of which no text can be made.
    if detail.contains("surrogate") || detail.contains("hex escape") {
        detail.push_str(
            "; a character beyond U+FFFF is written as itself or as a pair such as \\ud83d\\ude00",
        );
    }
    Problem::new(Code::InvalidJson, detail)
}

fn text(
    object: &mut Map<String, Value>,
    field: &str,
    fault: impl FnOnce(&str) -> Option<InvalidField>,
) -> Result<String, FieldError> {
    match object.remove(field) {
        Some(Value::String(text)) => fault(&text).map_or(Ok(text), |fault| Err(fault.into())),
        None | Some(Value::Null) => Err(FieldError::new(field, "missing", "is required")),
        Some(_) => Err(FieldError::new(field, "not_a_string", "must be a string in quotes")),
    }
}

/// Refused rather than ignored: a wish such as `send_at` must not be lost
/// without a word.
fn unknown_field(name: &str) -> FieldError {
    let shown: String = name.chars().take(100).collect();
    let right = "is not known; a message has phone_number and content, and may have not_before, \
                 expires_at and priority";
    FieldError::new(&shown, "unknown_field", right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use dispatcher_app::{SystemClock, Wake};
    use dispatcher_domain::MessageLimits;
    use dispatcher_memory::MemoryStore;
    use std::sync::Arc;

    fn read(body: &str) -> Result<Wanted, Problem> {
        let store = MemoryStore::new(|| jiff::Timestamp::UNIX_EPOCH);
        let limits = MessageLimits::default();
        let rules =
            Enqueue::new(Arc::new(store), Arc::new(SystemClock::new()), limits, Wake::default());
        parse(body.as_bytes(), &rules)
    }

    #[test]
    fn both_texts_are_taken_as_they_are() {
        let texts = read(r#"{"phone_number":" +1 5551234567","content":"a\nb"}"#).unwrap();
        assert_eq!(texts.phone_number, " +1 5551234567");
        assert_eq!((texts.content.as_str(), texts.terms), ("a\nb", Terms::default()));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let told = format!(
            "{:?}",
            read(r#"{"phone_number":"12","content":7,"not_before":1,"send_at":1}"#)
        );
        let expected = [
            "invalid_phone_number_length",
            "not_a_string",
            "not_before",
            "not_a_time",
            "send_at",
            "unknown_field",
        ];
        for expected in expected {
            assert!(told.contains(expected), "{expected} in {told}");
        }
        assert!(format!("{:?}", read("{}")).contains("missing"));
    }

    #[test]
    fn what_is_no_object_is_invalid_json() {
        for body in ["", "{", "[]", "\"text\"", "{\"content\":\"\\ud800\"}"] {
            assert_eq!(read(body).unwrap_err().status_code(), 400, "{body}");
        }
    }
}
