//! The request of `POST /send`, read with care: what is wrong with it is said by field.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// A message as the client sent it. The provider sets no rule for numbers or lengths beyond "not empty".
pub(crate) struct Message {
    pub(crate) phone_number: String,
    pub(crate) content: String,
}

impl Message {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let value: Value =
            serde_json::from_slice(body).map_err(|error| Refusal::not_json(&error))?;
        let Value::Object(mut fields) = value else {
            return Err(Refusal::not_an_object());
        };
        Ok(Self {
            phone_number: text(&mut fields, "phone_number")?,
            content: text(&mut fields, "content")?,
        })
    }
}

fn text(fields: &mut Map<String, Value>, name: &'static str) -> Result<String, Refusal> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(Value::String(_)) => Err(Refusal::field(name, "is empty")),
        Some(_) => Err(Refusal::field(name, "is not a string")),
        None => Err(Refusal::field(name, "is missing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_field_is_named() {
        for (body, field) in [
            (r#"{}"#, "phone_number"),
            (r#"{"phone_number":"+1"}"#, "content"),
            (r#"{"phone_number":1,"content":"x"}"#, "phone_number"),
            (r#"{"phone_number":"","content":"x"}"#, "phone_number"),
            (r#"{"phone_number":"+1","content":null}"#, "content"),
        ] {
            let refusal = Message::parse(body.as_bytes()).err().expect(body);
            assert_eq!(refusal.field, Some(field), "{body}");
        }
    }

    #[test]
    fn fields_it_does_not_know_are_no_mistake() {
        let body = br#"{"phone_number":"+1","content":"x","sender":"me"}"#;
        assert!(Message::parse(body).is_ok());
    }
}
