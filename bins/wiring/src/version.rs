//! What a program says about itself.

/// Version of this release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that it was built from, or `unknown`: a source archive has none,
/// unless the variable `GIT_COMMIT` names it at build time.
pub const GIT_COMMIT: &str = env!("DISPATCHER_GIT_COMMIT");

/// When it was built, in RFC 3339, or `unknown`: only `SOURCE_DATE_EPOCH` tells
/// it at build time, so that the same source makes the same program.
pub const BUILD_TIME: &str = env!("DISPATCHER_BUILD_TIME");

/// All of it, such as `0.1.0 (commit 1a2b3c4d5e6f, built 2026-01-01T00:00:00Z)`.
#[must_use]
pub const fn long() -> &'static str {
    concat!(
        env!("CARGO_PKG_VERSION"),
        " (commit ",
        env!("DISPATCHER_GIT_COMMIT"),
        ", built ",
        env!("DISPATCHER_BUILD_TIME"),
        ")"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_text_has_all_three() {
        let expected = format!("{VERSION} (commit {GIT_COMMIT}, built {BUILD_TIME})");
        assert_eq!(long(), expected);
    }

    #[test]
    fn nothing_is_left_empty() {
        for text in [VERSION, GIT_COMMIT, BUILD_TIME] {
            assert!(!text.trim().is_empty());
        }
    }
}
