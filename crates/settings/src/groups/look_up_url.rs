//! Where the provider is asked for a message.

use super::ProviderUrl;
use crate::parse::Parsed;
use std::fmt;

/// Stands for the idempotency key.
const PLACE: &str = "{key}";

/// An address with a place for the idempotency key, as it was written; shown
/// only without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct LookUpUrl {
    template: String,
    /// With some key.
    example: ProviderUrl,
}

impl LookUpUrl {
    pub(crate) fn parse(text: &str) -> Parsed<Self> {
        if !text.contains(PLACE) {
            return Err("must contain {key}, where the idempotency key goes, as in \
                        https://sms.example.com/messages/{key}"
                .to_owned());
        }
        let example = ProviderUrl::parse(&text.replace(PLACE, "a"))?;
        let other = ProviderUrl::parse(&text.replace(PLACE, "b"))?;
        if example.host() != other.host() {
            return Err("must have {key} in its path or its query".to_owned());
        }
        Ok(Self { template: text.to_owned(), example })
    }

    /// The whole address, secrets included; only for the one who asks there.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.template
    }

    /// The host, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.example.host()
    }

    /// Plain http to another machine.
    #[must_use]
    pub fn travels_in_the_open(&self) -> bool {
        self.example.travels_in_the_open()
    }
}

impl fmt::Display for LookUpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.example.fmt(f)
    }
}

impl fmt::Debug for LookUpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LookUpUrl({})", self.example)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_written_and_shown_without_its_secrets() {
        let text = "https://me:hush@sms.example.com/messages/{key}?account=hush";
        let url = LookUpUrl::parse(text).unwrap();
        assert_eq!(url.expose(), text);
        assert_eq!(format!("{url:?}"), "LookUpUrl(https://…@sms.example.com/…?…)");
        assert!(!url.travels_in_the_open());
    }

    #[test]
    fn no_key_chooses_the_host() {
        for wrong in ["https://{key}.example.com/", "https://example.com/", "{key}"] {
            assert!(LookUpUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
