//! The suites that every adapter of Message Dispatcher must pass.
//!
//! A port's MUST clauses are tests here, one function each, named as a
//! sentence. An adapter implements [`message_store::Fixture`] (manual time, and
//! a look at the rows) and writes one line:
//!
//! ```text
//! dispatcher_contract::message_store_suite!(new_fixture);
//! ```
//!
//! What no sentence speaks of is found by [`agreement`]: random operations on
//! two stores, whose answers and rows must be the same.
//!
//! Each guard of the protocol — status, token, attempt, lease — has a test in
//! which only that guard says no; otherwise one guard would hide that another
//! is missing.

pub mod agreement;
pub mod delivery_cache;
pub mod message_store;

pub use tokio;
