//! PgBouncer for tests: a pooler in transaction mode, in front of a PostgreSQL.
//!
//! It starts in milliseconds, so nothing is shared: a test may pause or kill its own.

mod server;

#[cfg(feature = "full")]
mod test_pgbouncer;

pub use server::{PgBouncer, Pooling};

#[cfg(feature = "full")]
pub use test_pgbouncer::TestPgBouncer;
