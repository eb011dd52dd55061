//! What a gateway is built from, and what may be wrong with it.

use crate::look_up::LookUpUrl;
use reqwest::{Url, header::HeaderValue};
use std::{fmt, path::PathBuf, time::Duration};

/// Nobody waits longer for an SMS provider: more is a wrong unit.
const LONGEST_DEADLINE: Duration = Duration::from_secs(3600);
const LONGEST_DEFAULT_CONNECT: Duration = Duration::from_secs(3);

/// Where the provider is and how to read its answers.
#[derive(Clone)]
pub struct HttpGatewayConfig {
    /// Where to POST: `http` or `https`, without user name and password.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; `{:?}` does not show it.
    pub token: String,
    /// The longest that one send takes, over connect, TLS, request and whole
    /// answer. At most one hour.
    pub deadline: Duration,
    /// The longest that connecting takes: DNS, TCP and TLS. Below `deadline`,
    /// so that a provider that cannot be reached is *not sent* and never
    /// *unknown*. `None` is half the deadline, at most 3 s.
    pub connect_timeout: Option<Duration>,
    /// Statuses that this provider answers only when it has not accepted the
    /// message. No 2xx.
    pub not_sent_statuses: Vec<u16>,
    /// The provider honours `Idempotency-Key`. Its 409 then tells of another
    /// request with the key, whose outcome we do not know.
    pub idempotent: bool,
    /// Where to ask for a message: `http` or `https`, with `{key}` for the
    /// idempotency key; gets the same token. `None` where the provider cannot
    /// be asked.
    pub look_up_url: Option<String>,
    /// PEM file with certificates of authorities to trust as well as the
    /// system's.
    pub ca_file: Option<PathBuf>,
}

impl HttpGatewayConfig {
    /// The provider at `url`, with a deadline of 6 s, 429 as the one status
    /// that means "not accepted", and no trust in its idempotency.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: token.into(),
            deadline: Duration::from_secs(6),
            connect_timeout: None,
            not_sent_statuses: vec![429],
            idempotent: false,
            look_up_url: None,
            ca_file: None,
        }
    }

    pub(crate) fn parsed_url(&self) -> Result<Url, HttpGatewayError> {
        let url = Url::parse(&self.url).map_err(|e| HttpGatewayError::Url(e.to_string()))?;
        let wrong = |why: &str| Err(HttpGatewayError::Url(why.to_owned()));
        match url.scheme() {
            "http" | "https" if !url.has_host() => wrong("it names no host"),
            // The HTTP client would add a second Authorization header.
            "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
                wrong("it must not hold a user name or a password")
            }
            "http" | "https" => Ok(url),
            _ => wrong("it must begin with http:// or https://"),
        }
    }

    pub(crate) fn parsed_look_up_url(&self) -> Result<Option<LookUpUrl>, HttpGatewayError> {
        let check = |url: &str| Self { url: url.to_owned(), ..self.clone() }.parsed_url();
        self.look_up_url.as_deref().map(|template| LookUpUrl::parse(template, check)).transpose()
    }

    pub(crate) fn authorization(&self) -> Result<HeaderValue, HttpGatewayError> {
        if self.token.trim().is_empty() {
            return Err(HttpGatewayError::Token);
        }
        let value = HeaderValue::from_str(&format!("Bearer {}", self.token));
        let mut value = value.map_err(|_| HttpGatewayError::Token)?;
        value.set_sensitive(true);
        Ok(value)
    }

    pub(crate) fn checked_deadline(&self) -> Result<Duration, HttpGatewayError> {
        let sound = !self.deadline.is_zero() && self.deadline <= LONGEST_DEADLINE;
        if sound { Ok(self.deadline) } else { Err(HttpGatewayError::Deadline) }
    }

    pub(crate) fn checked_connect_timeout(&self) -> Result<Duration, HttpGatewayError> {
        let default = || (self.deadline / 2).min(LONGEST_DEFAULT_CONNECT);
        let timeout = self.connect_timeout.unwrap_or_else(default);
        let sound = !timeout.is_zero() && timeout < self.deadline;
        if sound { Ok(timeout) } else { Err(HttpGatewayError::ConnectTimeout) }
    }

    pub(crate) fn checked_not_sent_statuses(&self) -> Result<Vec<u16>, HttpGatewayError> {
        match self.not_sent_statuses.iter().find(|status| !(300..=599).contains(*status)) {
            Some(status) => Err(HttpGatewayError::NotSentStatus(*status)),
            None => Ok(self.not_sent_statuses.clone()),
        }
    }
}

/// Shows neither the token nor more of the URL than scheme, host and port: a
/// path or a query may hold a secret as well.
impl fmt::Debug for HttpGatewayConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = Url::parse(&self.url).map(|url| url.origin().ascii_serialization());
        f.debug_struct("HttpGatewayConfig")
            .field("url", &origin.as_deref().unwrap_or("invalid"))
            .field("token", &"<redacted>")
            .field("deadline", &self.deadline)
            .field("connect_timeout", &self.connect_timeout)
            .field("not_sent_statuses", &self.not_sent_statuses)
            .field("idempotent", &self.idempotent)
            .field("can_look_up", &self.look_up_url.is_some())
            .field("ca_file", &self.ca_file)
            .finish()
    }
}

/// Why no gateway can be built: always a fault of the configuration. The texts
/// repeat neither URL nor token.
#[derive(Debug, thiserror::Error)]
pub enum HttpGatewayError {
    /// The URL is none, or not one to POST to.
    #[error("the provider's URL is not usable: {0}")]
    Url(String),
    /// The URL for looking messages up is none, or not one to GET.
    #[error("the provider's look-up URL is not usable: {0}")]
    LookUpUrl(String),
    /// The token is blank, or holds characters that no header can.
    #[error("the provider's token must be visible characters without line breaks")]
    Token,
    /// The deadline is zero or too long.
    #[error("the deadline of a send must be more than zero and at most one hour")]
    Deadline,
    /// The time-out of connecting does not fit the deadline.
    #[error("the time-out of connecting must be more than zero and shorter than the deadline")]
    ConnectTimeout,
    /// A status that cannot mean "not accepted".
    #[error("{0} cannot be a status that means \"not accepted\": only 300 to 599 can")]
    NotSentStatus(u16),
    /// The file with certificate authorities cannot be used.
    #[error("the file of certificate authorities {} cannot be used", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An `https` URL, and no authority to trust.
    #[error("the system has no certificate authorities to trust: install them or name a file")]
    NoAuthorities,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> HttpGatewayConfig {
        HttpGatewayConfig::new("http://127.0.0.1:3001/send?key=s3cret", "t0ken")
    }

    #[test]
    fn debug_shows_neither_the_token_nor_the_rest_of_the_url() {
        let text = format!("{:?}", config());
        assert!(text.contains("http://127.0.0.1:3001"), "{text}");
        assert!(!text.contains("t0ken") && !text.contains("s3cret"), "{text}");
    }

    #[test]
    fn connecting_gets_half_the_deadline_and_at_most_three_seconds() {
        let seconds = |deadline| HttpGatewayConfig { deadline, ..config() };
        let short = seconds(Duration::from_secs(2)).checked_connect_timeout().unwrap();
        let long = seconds(Duration::from_secs(60)).checked_connect_timeout().unwrap();
        assert_eq!((short, long), (Duration::from_secs(1), Duration::from_secs(3)));
    }

    #[test]
    fn connecting_must_end_before_the_deadline() {
        for timeout in [Duration::ZERO, Duration::from_secs(6)] {
            let config = HttpGatewayConfig { connect_timeout: Some(timeout), ..config() };
            let error = config.checked_connect_timeout().unwrap_err();
            assert!(matches!(error, HttpGatewayError::ConnectTimeout), "{error}");
        }
    }

    #[test]
    fn a_deadline_of_nothing_or_of_days_is_a_mistake() {
        for deadline in [Duration::ZERO, Duration::from_secs(6000)] {
            assert!(HttpGatewayConfig { deadline, ..config() }.checked_deadline().is_err());
        }
    }

    #[test]
    fn urls_that_cannot_be_posted_to_are_refused_without_repeating_them() {
        for url in ["s3cret", "ftp://s3cret/", "http://s3cret:s3cret@host/", "http://", "/send"] {
            let config = HttpGatewayConfig { url: url.to_owned(), ..config() };
            let text = config.parsed_url().unwrap_err().to_string();
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn a_token_that_no_header_can_hold_is_refused_without_repeating_it() {
        for token in ["", "  ", "s3cret\nX-Other: 1"] {
            let config = HttpGatewayConfig { token: token.to_owned(), ..config() };
            assert!(!config.authorization().unwrap_err().to_string().contains("s3cret"));
        }
    }

    #[test]
    fn success_cannot_be_listed_as_not_sent() {
        let config = HttpGatewayConfig { not_sent_statuses: vec![429, 200], ..config() };
        let error = config.checked_not_sent_statuses().unwrap_err();
        assert!(matches!(error, HttpGatewayError::NotSentStatus(200)), "{error}");
    }
}
