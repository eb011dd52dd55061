//! The metrics as Prometheus sees them.

mod counting;
mod documented;
mod observed;
mod support;
