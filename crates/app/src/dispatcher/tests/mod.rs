//! What a batch does, one file per matter.

mod breaker_watch;
mod caching;
mod claim_errors;
mod concurrent;
mod counting;
mod draining;
mod leases;
mod provider;
mod recording;
mod strict;
mod throttle;
