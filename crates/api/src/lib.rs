//! The REST API of Message Dispatcher: an inbound adapter over its use cases.
//!
//! [`Api`] holds the use cases, [`configure`] adds its routes to an actix-web
//! application, [`guard`] keeps strangers out, [`meter_requests`] counts requests,
//! [`openapi::document`] describes the routes.
//!
//! The routes of the predecessor keep its bodies to the letter, errors
//! included; new routes answer errors as `application/problem+json` (RFC 9457)
//! with a stable `code`.
//!
//! ```
//! use actix_web::{App, test, web};
//! use dispatcher_api::{Api, BuildInfo, configure};
//! use dispatcher_app::{
//!     CheckHealth, CheckReadiness, CollectMetrics, Decide, Drain, Enqueue, Inspect, MetricsPorts,
//!     Operate, SentMessages, StoreReady, SystemClock, Wake,
//! };
//! use dispatcher_domain::{DispatchPolicy, MessageLimits};
//! use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
//! use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
//! use std::{sync::Arc, time::Duration};
//!
//! # #[actix_web::main]
//! # async fn main() {
//! // Any adapters will do; these two keep everything in memory.
//! let store = Arc::new(MemoryStore::new(|| jiff::Timestamp::UNIX_EPOCH));
//! let cache = Arc::new(MemoryDeliveryCache::default());
//! let (clock, wake) = (Arc::new(SystemClock::new()), Wake::default());
//! let meter = Arc::new(PrometheusMeter::new(&MeterConfig::default()).unwrap());
//! let metrics = MetricsPorts {
//!     control: store.clone(),
//!     stats: store.clone(),
//!     cache: cache.clone(),
//!     pools: vec![],
//!     text: meter.clone(),
//!     clock: clock.clone(),
//! };
//! let (_switch, drain) = Drain::new();
//! let ready = StoreReady::default();
//! let (deadline, policy) = (Duration::from_secs(6), DispatchPolicy::default());
//! let api = web::Data::new(Api {
//!     enqueue: Arc::new(Enqueue::new(
//!         store.clone(),
//!         clock.clone(),
//!         MessageLimits::default(),
//!         wake.clone(),
//!     )),
//!     inspect: Arc::new(Inspect::new(store.clone())),
//!     sent_messages: Arc::new(SentMessages::new(store.clone(), cache.clone(), clock.clone())),
//!     decide: Arc::new(Decide::new(store.clone(), Duration::from_secs(86_400), wake.clone())),
//!     operate: Arc::new(Operate::new(store.clone(), clock.clone(), deadline, wake)),
//!     readiness: Arc::new(CheckReadiness::new(store.clone(), clock.clone(), ready, drain)),
//!     metrics: Arc::new(CollectMetrics::new(metrics, policy)),
//!     meter,
//!     clock: clock.clone(),
//!     health: Arc::new(CheckHealth::new(store, cache, clock, policy)),
//!     build: BuildInfo {
//!         version: "0.1.0".into(),
//!         build_time: "unknown".into(),
//!         git_commit: "unknown".into(),
//!     },
//!     runtime: tokio::runtime::Handle::current(),
//! });
//! let app = App::new().configure(|app| configure(app, api));
//! let app = test::init_service(app).await;
//!
//! let request = test::TestRequest::get().uri("/api/messages/sent").to_request();
//! let answer = test::call_and_read_body(&app, request).await;
//! assert_eq!(answer, r#"{"messages":[],"total":0}"#);
//! # }
//! ```

mod access;
mod api;
mod body;
mod command_body;
mod configure;
mod cursor;
mod dto;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod legacy_error;
pub mod openapi;
mod problem;
mod request_meter;
mod routes;

pub use access::{Access, guard};
pub use api::{Api, BuildInfo};
pub use configure::{configure, route_names};
pub use request_meter::meter_requests;
