//! How a program ends, for scripts and service managers.
//!
//! The numbers are those of `sysexits.h` where it has one: a restart helps
//! against [`UNAVAILABLE`], and never against [`USAGE`]. docs/commands.md is
//! the table of all.

/// The server that was asked is not well, or does not answer: Docker's word
/// for it (Engine API, `HealthcheckResult`: 1 is unhealthy, 2 is reserved, any
/// other number says that the check itself failed).
pub const UNHEALTHY: u8 = 1;

/// What is queued may have been sent already: nothing is wrong with the
/// question, and the answer must not be passed over.
pub const IN_DOUBT: u8 = 1;

/// The command line or the settings are wrong.
pub const USAGE: u8 = 64;

/// Something that the program needs is not there or refuses.
pub const UNAVAILABLE: u8 = 69;

/// The program itself is at fault.
pub const INTERNAL: u8 = 70;

/// A second signal ended the program before it had finished: what a shell
/// reports of a program that SIGTERM ended, 128 + 15.
pub const IMPATIENT: u8 = 143;
