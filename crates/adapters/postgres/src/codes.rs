//! SQLSTATE codes that mean something to us.

/// The server answers that it does not want us: an operator has changed
/// something, and may change it back. 28 who we are, 3D000 no such database,
/// 42501 what we may do.
pub(crate) const REFUSALS: [&str; 3] = ["28", "3D000", "42501"];

/// PgBouncer says everything under this code; mostly about servers that are down.
pub(crate) const POOLER: &str = "08P01";

/// What is written in a transaction that must not write.
pub(crate) const READ_ONLY: &str = "25006";

/// What a standby says at the BEGIN of a transaction that is to write.
pub(crate) const STANDBY: &str = "0A000";
