//! The delivery protocol as a model, every state of which is visited.
//!
//! A few replicas, messages and steps of time, and whatever can happen at each
//! of them: a replica dies, or stands still for any time; a POST arrives late,
//! is accepted, refused or lost; the answer to a COMMIT is lost; an operator
//! stops, starts, cancels, requeues, resolves. Stateright visits every state
//! that any order of these leads to, and asks in each of them for every
//! [`Promise`] of `docs/delivery.md`.
//!
//! **What is real.** The decisions are those that ship: the model calls
//! `dispatcher-domain` for the pace and the switch (`ControlState`), for what an
//! outcome does (`Effect`), for doubts (`ResolutionPolicy`) and operators
//! (`OperatorRequest`). **What is abstracted.** The transactions of a store are
//! one step each, written down here once more; a test takes model and memory
//! store along the same random walks and compares every row after every step, and
//! the contract suites hold PostgreSQL and SQLite to the memory store. Time is a
//! handful of steps, chance is every possibility, the breaker stays closed.
//!
//! **That it sees.** Each [`Guard`] can be taken away, alone or with another
//! one: then a promise must break, unless another guard stands behind it, which
//! [`MASKED`] says. `tests/seeded.rs` takes away each of them and each pair.
//!
//! A [`Scope`] says how much there is of everything: [`QUICK`] ones are visited
//! by every test run, [`LARGE`] ones by `cargo xtask chaos --campaign model`.

mod action;
#[cfg(test)]
mod agreement;
mod answer;
mod check;
mod claim;
mod complete;
mod doubt;
mod guard;
mod operate;
mod pace;
mod passing;
mod promise;
mod protocol;
mod provider;
mod scope;
mod scopes;
mod seeds;
mod state;
mod story;
mod time;
mod witness;

pub use action::Action;
pub use answer::Answer;
pub use check::{Report, Violation, check};
pub use guard::{Guard, Guards};
pub use operate::Command;
pub use promise::{Broken, Promise};
pub use protocol::Protocol;
pub use provider::Fate;
pub use scope::Scope;
pub use scopes::{LARGE, QUICK};
pub use seeds::{MASKED, must_be_found, pairs, without};
pub use state::State;
