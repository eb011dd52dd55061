//! Brings the database of Message Dispatcher up to date, as a step of a
//! deployment: before the new servers start.
//!
//! What was done goes to standard output, for people or as JSON; what went
//! wrong, and the log, to standard error. The exit code tells scripts whether
//! trying again can help. `docs/migrations.md` is its manual.

mod answer;
mod cli;
mod completions;
mod database;
mod help;
mod json;
mod output;
mod run;
mod text;

pub use cli::{Cli, usage};
pub use run::run;
