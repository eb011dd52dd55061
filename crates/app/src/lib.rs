//! The use cases of Message Dispatcher, over the ports of its domain.
//!
//! - [`Dispatcher`] sends one batch; [`DispatchLoop`] does so for ever.
//! - [`Rescuer`] parks messages whose owner vanished; [`Resolver`] finds out what became of them.
//! - [`Expirer`] ends messages that were not sent in time.
//! - [`Reconcile`] finds out, after a restore, what the store has forgotten.
//! - [`GuardedCache`] keeps a delivery cache that is down from costing anybody time;
//!   [`StandInCache`] does without one that nobody named.
//! - [`Enqueue`], [`Inspect`], [`SentMessages`], [`Decide`], [`Operate`] and [`CheckHealth`]
//!   serve the API.
//! - [`CollectMetrics`] and [`CheckReadiness`] serve whatever watches the service;
//!   [`MeteredMessages`], [`MeteredGateway`] and [`MeteredCache`] count on the way.
//!
//! Nothing here knows a database or HTTP; what time it is and what chance
//! brings arrive through ports, whose real versions are [`SystemClock`] and
//! [`SystemEntropy`].
//!
//! ```
//! use async_trait::async_trait;
//! use dispatcher_app::{
//!     Dispatcher, DispatcherConfig, DispatcherPorts, Drain, SystemClock, SystemEntropy,
//! };
//! use dispatcher_domain::{
//!     BreakerPolicy, ClaimedMessage, InstanceName, MessageLimits, Ordering, ProviderMessageId,
//!     RetryPolicy, SendOutcome,
//!     ports::{NoMeter, SmsGateway},
//! };
//! use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
//! use std::{sync::Arc, time::Duration};
//!
//! /// Accepts everything.
//! struct Obliging;
//!
//! #[async_trait]
//! impl SmsGateway for Obliging {
//!     async fn send(&self, message: &ClaimedMessage) -> SendOutcome {
//!         let provider_message_id = ProviderMessageId::parse(message.key.as_str());
//!         SendOutcome::Accepted { provider_message_id, http_status: 202 }
//!     }
//!
//!     fn deadline(&self) -> Duration {
//!         Duration::from_secs(10)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let store = MemoryStore::new(|| jiff::Timestamp::UNIX_EPOCH);
//! for text in ["one", "two", "three"] {
//!     store.insert_unchecked("+905551234567", text);
//! }
//! let ports = DispatcherPorts {
//!     messages: Arc::new(store.clone()),
//!     control: Arc::new(store),
//!     gateway: Arc::new(Obliging),
//!     cache: Arc::new(MemoryDeliveryCache::default()),
//!     clock: Arc::new(SystemClock::new()),
//!     entropy: Arc::new(SystemEntropy),
//!     meter: Arc::new(NoMeter),
//! };
//! let config = DispatcherConfig {
//!     instance: InstanceName::new("example"),
//!     lease: Duration::from_secs(60),
//!     lease_margin: Duration::from_secs(5),
//!     rescue_grace: Duration::from_secs(30),
//!     max_in_flight: 1,
//!     start_interval: None,
//!     ordering: Ordering::Strict,
//!     limits: MessageLimits::default(),
//!     retry: RetryPolicy::default(),
//!     breaker: BreakerPolicy::default(),
//! };
//! let (_switch, drain) = Drain::new();
//! let report = Dispatcher::new(ports, config).run_once(&drain).await;
//! // Two every two minutes: the third waits for the next interval.
//! assert_eq!((report.sent, report.pause.as_str()), (2, "quota_used"));
//! # }
//! ```

mod advice;
mod clock;
mod decide;
mod dispatch_loop;
mod dispatcher;
mod drain;
mod enqueue;
mod entropy;
mod expirer;
mod guarded_cache;
mod health;
mod inspect;
mod metered;
mod metrics;
mod operate;
mod readiness;
mod reconcile;
mod rescuer;
mod resolver;
mod rounds;
mod sent_messages;
mod stand_in_cache;
#[cfg(test)]
mod testing;

pub use clock::SystemClock;
pub use decide::Decide;
pub use dispatch_loop::{DispatchLoop, Wake};
pub use dispatcher::{BatchReport, Dispatcher, DispatcherConfig, DispatcherPorts, Pause};
pub use drain::{Drain, DrainSwitch};
pub use enqueue::{Enqueue, EnqueueError, InvalidField, Taken};
pub use entropy::SystemEntropy;
pub use expirer::Expirer;
pub use guarded_cache::GuardedCache;
pub use health::{BreakerHealth, CheckHealth, DispatchHealth, Health};
pub use inspect::{Inspect, MessagePage};
pub use metered::{MeteredCache, MeteredGateway, MeteredMessages};
pub use metrics::{CollectMetrics, MetricsPorts};
pub use operate::{Operate, Stopped};
pub use readiness::{CheckReadiness, Readiness, StoreReady};
pub use reconcile::{Forgotten, Reconcile, ReconcileError, ReconcilePorts, Reconciled, Witness};
pub use rescuer::Rescuer;
pub use resolver::{Resolver, ResolverPorts, ResolverReport};
pub use sent_messages::{SentEntry, SentMessages, SentPage};
pub use stand_in_cache::StandInCache;
