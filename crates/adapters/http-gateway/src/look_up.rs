//! Asking the provider for a message by its idempotency key: one GET.

use crate::{HttpGatewayError, wire};
use dispatcher_domain::{IdempotencyKey, LookUp};
use reqwest::Url;

/// Stands for the key in the address.
const PLACE: &str = "{key}";

/// The address that is asked, with a place for the key.
pub(crate) struct LookUpUrl(String);

impl LookUpUrl {
    /// `check` tells what is wrong with an address that has its key.
    pub(crate) fn parse(
        template: &str,
        check: impl Fn(&str) -> Result<Url, HttpGatewayError>,
    ) -> Result<Self, HttpGatewayError> {
        let wrong = |why: &str| Err(HttpGatewayError::LookUpUrl(why.to_owned()));
        if !template.contains(PLACE) {
            return wrong("it must contain {key}, where the idempotency key goes");
        }
        let named = |key: &str| match check(&template.replace(PLACE, key)) {
            Err(HttpGatewayError::Url(why)) => Err(HttpGatewayError::LookUpUrl(why)),
            other => other.map(|mut url| {
                // It is not sent.
                url.set_fragment(None);
                url
            }),
        };
        let (one, other) = (named("a")?, named("b")?);
        // The token goes there: no key may choose the host.
        if one.origin() != other.origin() || one == other {
            return wrong("{key} must stand in its path or its query");
        }
        Ok(Self(template.to_owned()))
    }

    /// Keys are made of hexadecimal digits and hyphens, which need no escape.
    pub(crate) fn of(&self, key: &IdempotencyKey) -> String {
        self.0.replace(PLACE, key.as_str())
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
    }
}

/// What an answer tells.
pub(crate) fn answered(status: u16, body: &[u8]) -> LookUp {
    match (status, wire::message_id(body)) {
        (200, Some(provider_message_id)) => LookUp::Accepted { provider_message_id },
        (404, _) => LookUp::NotKnown,
        _ => LookUp::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpGatewayConfig;
    use uuid::Uuid;

    fn parse(template: &str) -> Result<LookUpUrl, HttpGatewayError> {
        LookUpUrl::parse(template, |url| HttpGatewayConfig::new(url, "t").parsed_url())
    }

    #[test]
    fn the_key_stands_in_the_path_or_in_the_query() {
        let key = IdempotencyKey::new(Uuid::nil(), 2);
        for (template, expected) in [
            (
                "https://h/messages/{key}",
                "https://h/messages/00000000-0000-0000-0000-000000000000-2",
            ),
            ("http://h/?a=1&key={key}", "http://h/?a=1&key=00000000-0000-0000-0000-000000000000-2"),
        ] {
            assert_eq!(parse(template).unwrap().of(&key), expected);
        }
    }

    #[test]
    fn addresses_that_cannot_be_asked_are_refused_without_repeating_them() {
        for template in [
            "https://s3cret.example.com/messages",
            "https://s3cret.example.com/messages/{uuid}",
            "https://{key}.s3cret.example.com/",
            "https://s3cret.example.com/#{key}",
            "https://s3cret:{key}@example.com/",
            "ftp://s3cret.example.com/{key}",
            "s3cret/{key}",
        ] {
            let Err(error) = parse(template) else { panic!("{template}") };
            assert!(matches!(error, HttpGatewayError::LookUpUrl(_)), "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn only_what_the_provider_says_plainly_counts() {
        let id = br#"{"messageId":"a-1"}"#;
        let accepted = answered(200, id);
        assert!(matches!(accepted, LookUp::Accepted { .. }), "{accepted:?}");
        for body in [&id[..], b""] {
            assert_eq!(answered(404, body), LookUp::NotKnown);
        }
        for status in [201, 204, 302, 400, 401, 403, 410, 429, 500, 503] {
            assert_eq!(answered(status, id), LookUp::Failed, "{status}");
        }
        for body in [&b""[..], b"{}", b"<html></html>", br#"{"messageId":""}"#] {
            assert_eq!(answered(200, body), LookUp::Failed);
        }
    }
}
