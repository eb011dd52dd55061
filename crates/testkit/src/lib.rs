#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod account;
mod environment;
mod lines;
mod server;
mod supervisor;

#[cfg(feature = "full")]
mod blocking;

pub mod chance;
pub mod exposition;
pub mod find;
#[cfg(feature = "full")]
pub mod go_service;
pub mod pgbouncer;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod tls;
pub mod wait;

#[cfg(feature = "full")]
pub use pgbouncer::TestPgBouncer;
#[cfg(feature = "full")]
pub use postgres::{PostgresPair, PrivatePostgres, TestDatabase, TestPostgres};
#[cfg(feature = "full")]
pub use redis::TestRedis;
#[cfg(feature = "full")]
pub use wait::wait_until;
