//! Versions as releases use them: `1.2.3`, or `1.2.3-rc.1` before it. [Semantic Versioning](https://semver.org), as cargo has it.

use anyhow::{Context, ensure};
pub(super) use semver::Version;

/// The version that a tag such as `v1.2.3` stands for.
pub(super) fn of_tag(tag: &str) -> anyhow::Result<Version> {
    let wrong =
        || format!("{tag:?} is no tag of a release: it must look like v1.2.3 or v1.2.3-rc.1");
    let text = tag.strip_prefix('v').with_context(wrong)?;
    let version = Version::parse(text).with_context(wrong)?;
    // Two builds of one version are one version to cargo, and a plus is no part of an image's tag.
    ensure!(version.build.is_empty(), wrong());
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_version_with_a_v() {
        assert_eq!(of_tag("v1.20.3").unwrap().to_string(), "1.20.3");
        assert_eq!(of_tag("v1.0.0-rc.1").unwrap().to_string(), "1.0.0-rc.1");
        assert_eq!(of_tag("v1.0.0-rc.0-x").unwrap().to_string(), "1.0.0-rc.0-x");
        for wrong in [
            "1.2.3",
            "v1.2",
            "v1.2.3.4",
            "v1.2.x",
            "v01.2.3",
            "v1.2.3-",
            "v1.2.3-a b",
            "v1.2.3-rc.01",
            "v1.2.3+build",
        ] {
            let error = of_tag(wrong).unwrap_err().to_string();
            assert!(error.contains("v1.2.3-rc.1"), "{wrong}: {error}");
        }
    }

    #[test]
    fn versions_are_in_order() {
        let tags = [
            "v0.9.10",
            "v1.0.0-2",
            "v1.0.0-alpha",
            "v1.0.0-rc",
            "v1.0.0-rc.1",
            "v1.0.0-rc.2",
            "v1.0.0-rc.10",
            "v1.0.0",
            "v1.0.1",
            "v1.10.0",
        ];
        let versions: Vec<_> = tags.map(|tag| of_tag(tag).unwrap()).into();
        assert!(versions.is_sorted_by(|one, two| one < two), "{versions:?}");
    }
}
