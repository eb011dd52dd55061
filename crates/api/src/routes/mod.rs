//! The routes: one file per resource.

pub(crate) mod health;
pub(crate) mod list;
pub(crate) mod message;
pub(crate) mod messages;
pub(crate) mod messaging;
pub(crate) mod metrics;
pub(crate) mod operators;
pub(crate) mod probes;
pub(crate) mod sent;
