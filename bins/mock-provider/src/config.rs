//! What a provider is started with.

use std::{path::PathBuf, time::Duration};

use crate::Script;

/// How to start a [`MockProvider`](crate::MockProvider). The default is what a test wants: any free port of the
/// loopback interface, any token, no latency, every message accepted, nothing on disk.
///
/// ```
/// use dispatcher_mock_provider::Config;
///
/// let config = Config {
///     token: Some("secret".into()),
///     script: "status=503*2".parse()?,
///     ..Config::default()
/// };
/// assert_eq!(config.port, 0);
/// # Ok::<(), dispatcher_mock_provider::ScriptError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    /// The address or name to listen on.
    pub host: String,
    /// The port to listen on; 0 takes any free one.
    pub port: u16,
    /// The bearer token that clients must show; `None` takes any, or none.
    pub token: Option<String>,
    /// How long each answer of `POST /send` is held back. The message is accepted (or not) before, so that a client
    /// that gives up in between has lost an answer, not a message.
    pub latency: Duration,
    /// Up to this much more latency, drawn evenly for each answer.
    pub jitter: Duration,
    /// Take no notice of `Idempotency-Key`: every accepted POST is a message of its own.
    pub ignore_idempotency_key: bool,
    /// What to do with the POSTs, one after the other.
    pub script: Script,
    /// Where accepted messages are kept, one JSON line each, written before the answer and read again at the start.
    pub ledger_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 0,
            token: None,
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            ignore_idempotency_key: false,
            script: Script::default(),
            ledger_file: None,
        }
    }
}

impl Config {
    /// The default configuration with this script.
    #[must_use]
    pub fn scripted(script: impl Into<Script>) -> Self {
        Self { script: script.into(), ..Self::default() }
    }
}
