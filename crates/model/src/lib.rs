//! The delivery protocol as a model, every state of which is visited.
//!
//! Two replicas, one to three messages, the control row, a provider, a resolver
//! and operators take their steps in every order there is: between any two steps
//! a replica may crash or stay away beyond its lease, the answer to a COMMIT may
//! be lost, a COMMIT may take effect late, a POST may be accepted and nobody hear
//! of it. [`check`] visits every state that can be reached in a [`Scope`], breadth
//! first, and asks in each whether a [`Promise`] is broken. Without a [`Guard`]
//! one must be: that shows what the model can see.
//!
//! ```
//! use dispatcher_model::{Guard, Guards, Promise, check};
//!
//! let scope = Guard::Enabled.shown_in();
//! assert!(check(scope, Guards::all(), 1).violation.is_none());
//! let violation = check(scope, Guards::without(&[Guard::Enabled]), 1).violation.unwrap();
//! assert_eq!(violation.promises, [Promise::Stop]);
//! ```
//!
//! # What is real
//!
//! Every decision is the domain's own code, asked with values made from the
//! numbers of a state: when a send may start and what its start and end do to the
//! control row (`ControlState::admit`, `started`, `finished`, `switch`, `is_paced`,
//! `awaits`), what an answer means (`Effect::of`), what becomes of a doubt
//! (`Evidence::of_receipt`, `ResolutionPolicy::decide`), what an operator may do
//! (`OperatorRequest::judge`), and which statuses follow each other
//! (`Status::may_become`). A rule of the domain is taken away by what it is given
//! or by what is made of its answer.
//!
//! # What is typed anew
//!
//! The steps of a store, since their guards have to come off one by one. A test
//! plays them on random walks beside the memory store and compares all rows after
//! each; the contract suites hold that store to PostgreSQL and SQLite. The steps
//! of a replica follow `app/src/dispatcher` by hand.
//!
//! # What is left out
//!
//! A transaction is one step. The circuit breaker is closed and nothing throttles;
//! every wait is the shortest that its jitter can draw. There is no look-up, no
//! priority, schedule or expiry, no change of pace, no clock that jumps, no SQL of
//! others. Time goes in steps: a lease is three, the deadline of a send, the margin
//! and the grace are one each, a key is good for six. A replica has one claim and
//! one POST at a time. A POST arrives within its deadline after the look at the
//! lease; in the scopes of late POSTs it takes any time, and nothing is asked of
//! when the provider saw it. States are told apart by 64 bits.

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
