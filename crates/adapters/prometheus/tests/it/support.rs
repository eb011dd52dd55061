//! A meter, and what it writes down.

use dispatcher_domain::{
    ControlState, DispatchPolicy,
    ports::{ControlSnapshot, MetricsText, Observed, PoolUsage, QueueDepth},
};
use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
use dispatcher_testkit::exposition::Exposition;
use jiff::Timestamp;
use std::time::Duration;

pub(crate) const ROUTES: [(&str, &str); 2] = [("GET", "/health"), ("POST", "/api/messages")];

pub(crate) fn meter() -> PrometheusMeter {
    let (version, commit) = ("1.2.3".into(), "0123abc".into());
    PrometheusMeter::new(&MeterConfig { version, commit, routes: ROUTES.to_vec() }).unwrap()
}

/// What `meter` writes down, which is in order.
pub(crate) fn read(meter: &PrometheusMeter, observed: &Observed) -> Exposition {
    let text = meter.render(observed).unwrap();
    Exposition::read(&text).unwrap_or_else(|error| panic!("{error:#}\n{text}"))
}

/// Everything was observed.
pub(crate) fn all() -> Observed {
    let depth = QueueDepth {
        queued: 7,
        due: 5,
        sending: 1,
        unconfirmed: 2,
        failed: 3,
        expired: 5,
        rejected: 4,
        oldest_due: Some(Duration::from_millis(1500)),
        sent_estimate: Some(1000),
    };
    let state = ControlState::new(DispatchPolicy::default());
    Observed {
        control: Some(ControlSnapshot { state, now: Timestamp::UNIX_EPOCH, in_flight: 1 }),
        drift: true,
        queue: Some(depth),
        dependencies: vec![("database", true), ("redis", false)],
        pools: vec![("database", PoolUsage { max: 16, in_use: 2, idle: 3, waiting: 4 })],
    }
}
