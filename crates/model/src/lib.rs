//! The delivery protocol as a model, every state of which is visited.

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
pub use check::{Report, Violation, check};
pub use guard::{Guard, Guards};
pub use operate::Command;
pub use promise::{Broken, Promise};
pub use protocol::Protocol;
pub use provider::Fate;
pub use scope::Scope;
pub use scopes::{LARGE, QUICK};
pub use seeds::{MASKED, must_be_found, pairs, without};
pub use answer::Answer;
pub use state::State;
