//! The whole dispatcher in virtual time: the use cases of `app`, unchanged, in
//! several replicas over a store, a cache and a provider that fail at every
//! step, under a scheduler whose every choice comes from a seed.
//!
//! Whatever asks the outside world waits for its turn; between two turns nothing
//! else happens. At each turn a replica may crash (its futures are dropped),
//! freeze beyond its lease, or go on; answers get lost, and what was asked takes
//! effect all the same, at once, later, or never. After each turn the promises
//! are checked from outside: the provider's ledger, the rows, and the record of
//! STARTs must tell one story.
//!
//! A schedule that breaks a promise is repeated by its seed, with its history.

mod chance;
mod check;
mod clock;
mod deeds;
mod driver;
mod history;
mod life;
mod operator;
mod pace;
mod plan;
mod provider;
mod replica;
mod schedule;
mod store;
mod world;

pub use driver::{Report, Violation, replay, run};
pub use plan::Plan;
