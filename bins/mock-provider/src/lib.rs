//! An SMS provider to test against, which misbehaves as told.
//!
//! It speaks the provider's side of the wire: `POST /send` with `{"phone_number","content"}` is answered with
//! `{"message":"Accepted","messageId":"…"}`. A [`Script`] makes it refuse, throttle, hang, drop connections or answer
//! rubbish instead, before or after it has accepted the message. Its ledger says what it has accepted, whatever the
//! client was told: the oracle for "nothing lost, nothing sent twice".
//!
//! ```
//! use std::time::Duration;
//! use dispatcher_mock_provider::{Behaviour, Config, MockProvider, Script};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # let _ = rustls::crypto::ring::default_provider().install_default();
//! // The first answer is lost on the way, although the message was accepted.
//! let script = Script::of([Behaviour::DropAfterAccept]);
//! let provider = MockProvider::start(Config::scripted(script)).await?;
//! let post = || {
//!     reqwest::Client::new()
//!         .post(provider.send_url())
//!         .header("Idempotency-Key", "order-17")
//!         .json(&json!({"phone_number": "+905551112233", "content": "hello"}))
//!         .send()
//! };
//! assert!(post().await.is_err());
//! assert_eq!(provider.ledger().len(), 1);
//!
//! // The second POST has the same key: the first message's id, and no second SMS.
//! let answer = post().await?;
//! assert_eq!(answer.headers()["idempotency-replayed"], "true");
//! assert_eq!(provider.ledger().len(), 1);
//!
//! // Both POSTs were seen. Waiting for them needs no sleep.
//! let arrivals = provider.wait_for_requests(2, Duration::from_secs(5)).await?;
//! assert!(arrivals.iter().all(|arrival| arrival.accepted()));
//! # Ok(())
//! # }
//! ```
//!
//! It uses no other crate of this workspace: it is the outside world.

mod arrival;
mod behaviour;
pub mod cli;
mod clock;
mod config;
mod duration;
mod healthcheck;
mod http;
mod ledger;
mod ledger_file;
mod message;
mod provider;
mod refusal;
mod rfc3339;
mod script;
mod state;

pub use arrival::{Arrival, Outcome};
pub use behaviour::Behaviour;
pub use config::Config;
pub use ledger::LedgerEntry;
pub use provider::MockProvider;
pub use script::{Script, ScriptError, Step, grammar_help};
