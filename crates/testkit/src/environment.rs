//! The one file of this crate that reads the environment.
//!
//! Tests and `cargo xtask` meet here: `cargo xtask test` starts one PostgreSQL and hands its address to
//! every test program in [`DATABASE_URL`]; a developer may set the same variables by hand.

use std::path::PathBuf;

/// Address of a running PostgreSQL, with a user who may create databases.
pub(crate) const DATABASE_URL: &str = "TEST_DATABASE_URL";

/// Address of a running Redis, used where no `redis-server` program can be found.
pub(crate) const REDIS_URL: &str = "TEST_REDIS_URL";

/// The value of a variable; an empty one counts as not set, as CI systems like to define empty variables.
#[expect(
    clippy::disallowed_methods,
    reason = "the addresses of test servers are no settings of the product"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folders of `PATH`, in order.
pub(crate) fn search_path() -> Vec<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}
