//! Redis for tests: one server per test.
//!
//! They start in milliseconds, so nothing is shared: the product's keys are fixed (`delivery:{id}`), and a
//! test may empty, freeze or kill its own server without asking others.

mod client;
mod server;

#[cfg(feature = "full")]
mod test_redis;

pub use server::RedisServer;

#[cfg(feature = "full")]
pub use test_redis::TestRedis;
