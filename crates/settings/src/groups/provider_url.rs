//! The provider's URL, shown only without its secrets.

use super::http;
use crate::parse::Parsed;
use std::fmt;
use url::Url;

/// An `http` or `https` URL with a host. User, password, path and query may be
/// secret (some providers take their key in the path): `Debug` and `Display`
/// show that they are there, not what they are.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderUrl(Url);

impl ProviderUrl {
    pub(crate) fn parse(text: &str) -> Parsed<Self> {
        let url = Url::parse(text).map_err(|error| {
            format!("must be a URL such as https://sms.example.com/send: {error}")
        })?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("must begin with https:// or http:// and a host".to_owned());
        }
        Ok(Self(url))
    }

    /// The whole URL, secrets included; only for the one who sends to it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// The host, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Plain http to another machine.
    #[must_use]
    pub fn travels_in_the_open(&self) -> bool {
        self.0.scheme() == "http" && !self.is_here()
    }

    /// On this machine.
    pub(crate) fn is_here(&self) -> bool {
        http::is_loopback(self.bare_host())
    }

    /// Without the brackets of an IPv6 address.
    pub(crate) fn bare_host(&self) -> &str {
        self.host().trim_start_matches('[').trim_end_matches(']')
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.0.port_or_known_default()
    }
}

impl fmt::Display for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.0;
        let user = !url.username().is_empty() || url.password().is_some();
        let user = if user { "…@" } else { "" };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let query = if url.query().is_some() { "?…" } else { "" };
        let path = if url.path() == "/" { "/" } else { "/…" };
        write!(f, "{}://{user}{}{port}{path}{query}", url.scheme(), self.host())
    }
}

impl fmt::Debug for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_without_user_password_path_and_query() {
        let url = ProviderUrl::parse("https://me:hush@sms.example.com:8443/hush?a=hush").unwrap();
        assert_eq!(url.to_string(), "https://…@sms.example.com:8443/…?…");
        assert_eq!(format!("{url:?}"), "ProviderUrl(https://…@sms.example.com:8443/…?…)");
        let bare = ProviderUrl::parse("http://sms.example.com").unwrap();
        assert_eq!(bare.to_string(), "http://sms.example.com/");
        assert!(url.expose().contains("me:hush@"));
    }

    #[test]
    fn only_plain_http_to_others_travels_in_the_open() {
        let table = [
            ("http://localhost:3001/send", false),
            ("http://127.0.0.1/send", false),
            ("http://[::1]:3001/send", false),
            ("https://sms.example.com", false),
            ("http://sms.example.com", true),
            ("http://10.0.0.1", true),
        ];
        for (text, open) in table {
            let url = ProviderUrl::parse(text).unwrap();
            assert_eq!(url.travels_in_the_open(), open, "{text}");
        }
    }
}
