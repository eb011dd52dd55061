//! The one file of this program that reads the environment.

use std::path::PathBuf;

/// The value of a variable; an empty one counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "what cargo and CI say about this run is no setting of the product"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// True on a CI machine: all of them set `CI`.
pub(crate) fn in_ci() -> bool {
    variable("CI").is_some_and(|value| value != "false")
}

/// True if `program` is in one of the folders of `PATH`.
pub(crate) fn has_program(program: &str) -> bool {
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder: PathBuf| folder.join(program).is_file())
}
