//! The gateway: one POST, one outcome.

use crate::{
    HttpGatewayConfig, HttpGatewayError,
    classify::{self, Rules},
    failure::{Chain, Failure},
    look_up::{self, LookUpUrl},
    retry_after, tls,
    wire::SendRequest,
};
use async_trait::async_trait;
use dispatcher_domain::{
    ClaimedMessage, IdempotencyKey, LookUp, SendOutcome,
    ports::{Clock, SmsGateway},
};
use reqwest::{
    Client, RequestBuilder, Response, Url,
    header::{AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect, retry,
};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

const USER_AGENT: &str = concat!("message-dispatcher/", env!("CARGO_PKG_VERSION"));
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Of a body no more is read; an id stands in the first hundred bytes.
const MOST_BYTES: usize = 64 * 1024;

/// Sends messages to a provider by HTTP POST.
pub struct HttpSmsGateway {
    client: Client,
    url: Url,
    look_up_url: Option<LookUpUrl>,
    authorization: HeaderValue,
    deadline: Duration,
    rules: Rules,
    clock: Arc<dyn Clock>,
}

impl HttpSmsGateway {
    /// A gateway for `config`; connects to nobody yet. `clock` reads a
    /// `Retry-After` date where the provider's answer has no date of its own.
    ///
    /// # Errors
    /// [`HttpGatewayError`] tells what is wrong with the configuration.
    pub fn new(
        config: &HttpGatewayConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HttpGatewayError> {
        let url = config.parsed_url()?;
        let look_up_url = config.parsed_look_up_url()?;
        let encrypted =
            url.scheme() == "https" || look_up_url.as_ref().is_some_and(LookUpUrl::is_encrypted);
        Ok(Self {
            client: client(config, encrypted)?,
            url,
            look_up_url,
            authorization: config.authorization()?,
            deadline: config.checked_deadline()?,
            rules: Rules {
                not_sent_statuses: config.checked_not_sent_statuses()?,
                idempotent: config.idempotent,
            },
            clock,
        })
    }

    fn request(&self, message: &ClaimedMessage) -> RequestBuilder {
        self.client
            .post(self.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(IDEMPOTENCY_KEY, message.key.as_str())
            .json(&SendRequest::of(message))
    }

    async fn judge(&self, response: Response, end: Instant) -> SendOutcome {
        let status = response.status().as_u16();
        let wait = self.retry_after(response.headers());
        let body = match classify::is_accepted(status) {
            true => timeout_at(end, beginning(response)).await.unwrap_or_default(),
            // The status decides, and what a stranger writes stays unread.
            false => Vec::new(),
        };
        self.rules.answered(status, wait, &body)
    }

    /// The answer to one GET; `None` when there was none.
    async fn ask(&self, url: String, end: Instant) -> Option<LookUp> {
        let request = self.client.get(url).header(AUTHORIZATION, self.authorization.clone());
        let answer = timeout_at(end, request.send()).await.ok()?;
        let response = answer.map_err(|error| {
            let error = error.without_url();
            tracing::debug!(error = %Chain(&error), "the provider could not be asked");
        });
        let response = response.ok()?;
        let status = response.status().as_u16();
        let body = timeout_at(end, beginning(response)).await.unwrap_or_default();
        Some(look_up::answered(status, &body))
    }

    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        retry_after::parse(text(RETRY_AFTER)?, text(DATE), self.clock.wall())
    }
}

#[async_trait]
impl SmsGateway for HttpSmsGateway {
    async fn send(&self, message: &ClaimedMessage) -> SendOutcome {
        // One end for both halves, and two halves so that a deadline that
        // passes within the body does not lose the status that came before it.
        // A response that is ready is taken even when the deadline has passed.
        let end = Instant::now() + self.deadline;
        match timeout_at(end, self.request(message).send()).await {
            Ok(Ok(response)) => self.judge(response, end).await,
            Ok(Err(error)) => classify::unanswered(failure(error)),
            Err(_) => classify::unanswered(Failure::TimedOut),
        }
    }

    async fn look_up(&self, key: &IdempotencyKey) -> LookUp {
        let Some(url) = &self.look_up_url else { return LookUp::Unsupported };
        let answer = self.ask(url.of(key), Instant::now() + self.deadline).await;
        answer.unwrap_or(LookUp::Failed)
    }

    fn deadline(&self) -> Duration {
        self.deadline
    }
}

impl fmt::Debug for HttpSmsGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSmsGateway").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// A client that makes exactly the requests it is told to make.
fn client(config: &HttpGatewayConfig, encrypted: bool) -> Result<Client, HttpGatewayError> {
    Client::builder()
        .tls_backend_preconfigured(tls::client_config(config, encrypted)?)
        .user_agent(USER_AGENT)
        .http1_only()
        // A redirect would carry token and message to a host that nobody named.
        .redirect(redirect::Policy::none())
        .referer(false)
        // A second request may be a second SMS.
        .retry(retry::never())
        // A connection that the provider has closed meanwhile would be an
        // unknown outcome; a fresh one fails before anything is sent.
        .pool_max_idle_per_host(0)
        // Whoever sets HTTP_PROXY has not thought of message texts.
        .no_proxy()
        // Shorter than the deadline: see `HttpGatewayConfig::connect_timeout`.
        .connect_timeout(config.checked_connect_timeout()?)
        .build()
        .map_err(HttpGatewayError::Client)
}

fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let failure = Failure::of(&error);
    match failure {
        Failure::NotSent(reason) => {
            let reason = reason.as_str();
            tracing::warn!(reason, error = %Chain(&error), "the provider cannot be reached");
        }
        Failure::TimedOut | Failure::ConnectionLost => {
            tracing::debug!(error = %Chain(&error), "the provider's answer was lost");
        }
    }
    failure
}

/// The body, or as much of it as arrives whole and is worth keeping.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < MOST_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(MOST_BYTES);
    body
}
