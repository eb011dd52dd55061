//! The changelog, in the form of Keep a Changelog.

use anyhow::{Context, ensure};

use super::version::Version;

pub(super) const FILE: &str = "CHANGELOG.md";
const UNRELEASED: &str = "## [Unreleased]";

/// The changelog once `version` is released: what was unreleased is its section.
pub(super) fn released(text: &str, version: &Version, date: &str) -> anyhow::Result<String> {
    let (before, after) =
        text.split_once(UNRELEASED).with_context(|| format!("{FILE} has no {UNRELEASED}"))?;
    let news = after.split("\n## [").next().unwrap_or_default();
    ensure!(news.contains("\n- "), "{FILE} has nothing below {UNRELEASED}: what is new?");
    ensure!(!text.contains(&heading(version)), "{FILE} has a section {version} already");
    Ok(format!("{before}{UNRELEASED}\n\n{} - {date}{after}", heading(version)))
}

/// What it says about a version, without the heading.
pub(super) fn section(text: &str, version: &Version) -> anyhow::Result<String> {
    let start = text.find(&heading(version));
    let start = start.with_context(|| format!("{FILE} has no section {version}"))?;
    let (_, body) = text[start..].split_once('\n').unwrap_or_default();
    let body = body.split("\n## [").next().unwrap_or_default().trim();
    ensure!(!body.is_empty(), "{FILE} says nothing about {version}");
    Ok(body.to_owned())
}

fn heading(version: &Version) -> String {
    format!("## [{version}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n- A thing.\n\n## [1.0.0] - 2026-01-01\n\n- First.\n";

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn what_is_unreleased_becomes_the_section_of_the_release() {
        let text = released(TEXT, &version("1.1.0"), "2026-02-03").unwrap();

        assert!(
            text.contains("## [Unreleased]\n\n## [1.1.0] - 2026-02-03\n\n### Added\n"),
            "{text}"
        );
        assert_eq!(section(&text, &version("1.1.0")).unwrap(), "### Added\n- A thing.");
        assert_eq!(section(&text, &version("1.0.0")).unwrap(), "- First.");
    }

    #[test]
    fn a_release_without_news_is_refused() {
        let text = released(TEXT, &version("1.1.0"), "2026-02-03").unwrap();

        let error = released(&text, &version("1.2.0"), "2026-02-04").unwrap_err().to_string();
        assert!(error.contains("what is new?"), "{error}");
    }

    #[test]
    fn a_section_is_not_made_twice_and_an_absent_one_is_named() {
        assert!(released(TEXT, &version("1.0.0"), "2026-02-03").is_err());
        let error = section(TEXT, &version("3.0.0")).unwrap_err().to_string();
        assert!(error.contains("no section 3.0.0"), "{error}");
    }
}
