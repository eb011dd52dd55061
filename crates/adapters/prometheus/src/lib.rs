//! Prometheus metrics of Message Dispatcher.
//!
//! [`PrometheusMeter`] counts what it is told as a [`Meter`], and writes it
//! down as a [`MetricsText`], in the text format 0.0.4 that every Prometheus
//! reads. Nothing is global: two meters of one process know nothing of each
//! other. `docs/metrics.md` explains every metric.
//!
//! ```
//! use dispatcher_domain::OutcomeClass;
//! use dispatcher_domain::ports::{Meter, MeterEvent, MetricsText, Observed};
//! use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
//! use std::time::Duration;
//!
//! let meter = PrometheusMeter::new(&MeterConfig::default())?;
//! let took = Duration::from_millis(40);
//! meter.note(MeterEvent::SendEnded { class: OutcomeClass::Accepted, took });
//! let text = meter.render(&Observed::default())?;
//! assert!(text.contains("message_dispatcher_sends_total{outcome=\"accepted\"} 1\n"));
//! assert!(text.contains("message_dispatcher_sends_total{outcome=\"refused\"} 0\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Meter`]: dispatcher_domain::ports::Meter
//! [`MetricsText`]: dispatcher_domain::ports::MetricsText

mod events;
mod meter;
mod observed;
mod register;

pub use meter::{MeterConfig, PrometheusMeter};

/// The examples of the README are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
