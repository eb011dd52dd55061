//! The real programs on real servers: a database, a provider, replicas, and the
//! books that must balance when a run is over.
//!
//! The tests of the server and the chaos campaigns play on it.
// A test tool: nobody else implements its traits, and a field whose name says it
// all needs no words.
#![allow(async_fn_in_trait, missing_docs)]

pub mod audit;
pub mod begun;
pub mod case;
pub mod crashable;
pub mod disk;
pub mod doubt;
pub mod file;
pub mod fleet;
pub mod leases;
pub mod load;
pub mod oracle;
pub mod order;
pub mod paired;
pub mod pooled;
pub mod private;
pub mod program;
pub mod redis_world;
pub mod sql;
pub mod store;
pub mod tap;
pub mod tls;
pub mod virtual_time;

mod database;
pub mod environment;
mod footprint;
mod replica;
mod stage;

pub use database::{migrate, migrated};
pub use environment::environment;
pub use footprint::Footprint;
pub use replica::{Replica, http_client, spawn, spawn_program};
pub use stage::Stage;

use std::time::Duration;

/// Longer than anything here takes, on the slowest machine; only a hang reaches
/// it. Longer than every time-out of the usual environment, too.
pub const LIMIT: Duration = Duration::from_secs(180);
