//! The provider's JSON: what we send, and the one field that we read.

use dispatcher_domain::{ClaimedMessage, ProviderMessageId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The body of the POST.
#[derive(Serialize)]
pub(crate) struct SendRequest<'a> {
    phone_number: &'a str,
    content: &'a str,
}

impl<'a> SendRequest<'a> {
    pub(crate) fn of(message: &'a ClaimedMessage) -> Self {
        Self { phone_number: message.phone_number.as_str(), content: message.body.as_str() }
    }
}

/// The body of an answer, as far as it matters.
#[derive(Deserialize)]
struct SendAnswer<'a> {
    #[serde(borrow, default, rename = "messageId")]
    camel: Option<&'a RawValue>,
    /// Not in the provider's description, but what a provider that spells all
    /// its other fields so would write.
    #[serde(borrow, default, rename = "message_id")]
    snake: Option<&'a RawValue>,
}

/// The id in the body of a 2xx answer: the field `messageId`, else
/// `message_id`; a string or a number.
pub(crate) fn message_id(body: &[u8]) -> Option<ProviderMessageId> {
    // serde would take an array for the fields in their order, too.
    let object = Some(body).filter(|body| body.trim_ascii_start().starts_with(b"{"))?;
    let answer: SendAnswer<'_> = serde_json::from_slice(object).ok()?;
    [answer.camel, answer.snake].into_iter().flatten().find_map(id_of)
}

fn id_of(value: &RawValue) -> Option<ProviderMessageId> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' => ProviderMessageId::parse(&serde_json::from_str::<String>(text).ok()?),
        // As it was written: no number type holds them all.
        b'-' | b'0'..=b'9' => ProviderMessageId::parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<String> {
        message_id(body.as_bytes()).map(|id| id.as_str().to_owned())
    }

    #[test]
    fn strings_and_numbers_are_ids_under_both_spellings() {
        assert_eq!(read(r#"{"message":"Accepted","messageId":"a-1"}"#).unwrap(), "a-1");
        assert_eq!(read(r#"{"message_id":"a-1"}"#).unwrap(), "a-1");
        assert_eq!(read(r#"{"messageId":17}"#).unwrap(), "17");
        assert_eq!(read(r#"{"messageId":"tab\tü \u00fc"}"#).unwrap(), "tabü ü");
    }

    #[test]
    fn a_number_is_kept_to_its_last_digit() {
        let digits = "123456789012345678901234567890";
        assert_eq!(read(&format!(r#"{{"messageId":{digits}}}"#)).unwrap(), digits);
    }

    #[test]
    fn the_first_usable_spelling_wins() {
        assert_eq!(read(r#"{"message_id":"b","messageId":"a"}"#).unwrap(), "a");
        assert_eq!(read(r#"{"messageId":null,"message_id":"b"}"#).unwrap(), "b");
        assert_eq!(read(r#"{"messageId":"  ","message_id":"b"}"#).unwrap(), "b");
    }

    #[test]
    fn everything_else_has_no_id() {
        let bodies = [
            "",
            "OK",
            "<html></html>",
            "[]",
            "[0]",
            r#" ["a", "b"]"#,
            "null",
            "{}",
            r#"{"messageId":true}"#,
            r#"{"messageId":{"id":1}}"#,
            r#"{"messageId":["a"]}"#,
            r#"{"messageId":""}"#,
            r#"{"messageId":"cut"#,
        ];
        for body in bodies {
            assert_eq!(read(body), None, "{body}");
        }
        assert_eq!(message_id(b"{\"messageId\":\"\xff\"}"), None);
    }
}
