//! How a program ends, for scripts and service managers.
//!
//! The numbers are those of `sysexits.h`: a restart helps against
//! [`UNAVAILABLE`], and never against [`USAGE`].

/// The command line or the settings are wrong.
pub const USAGE: u8 = 64;

/// Something that the program needs is not there or refuses.
pub const UNAVAILABLE: u8 = 69;

/// The program itself is at fault.
pub const INTERNAL: u8 = 70;
