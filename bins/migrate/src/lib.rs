//! Brings the database of Message Dispatcher up to date, as a step of a
//! deployment: before the new servers start.
//!
//! What was done goes to standard output, one line for each migration; what
//! went wrong, and the log, to standard error. The exit code tells scripts
//! whether trying again can help.

mod cli;
mod run;

pub use cli::{Cli, usage};
pub use run::run;
