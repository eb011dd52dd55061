//! Versions as releases use them: `1.2.3`, or `1.2.3-rc.1` before it.

use std::cmp::Ordering;
use std::fmt;

use anyhow::{Context, ensure};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [u64; 3],
    /// What comes after the hyphen.
    before: Option<String>,
}

impl Version {
    /// The version that a tag such as `v1.2.3` stands for.
    pub(super) fn of_tag(tag: &str) -> anyhow::Result<Self> {
        let text = tag.strip_prefix('v').with_context(|| wrong(tag))?;
        Self::parse(text).with_context(|| wrong(tag))
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (numbers, before) = match text.split_once('-') {
            Some((numbers, before)) => (numbers, Some(before.to_owned())),
            None => (text, None),
        };
        let parts: Vec<u64> = numbers.split('.').map(str::parse).collect::<Result<_, _>>()?;
        let numbers = parts.try_into().map_err(|_| anyhow::anyhow!("not three numbers"))?;
        ensure!(before.iter().flat_map(|it| it.split('.')).all(is_good), "after the hyphen");
        let version = Self { numbers, before };
        ensure!(version.to_string() == text, "zeros or signs in front");
        Ok(version)
    }
}

/// A part of what comes after the hyphen, as Semantic Versioning and cargo want it.
fn is_good(part: &str) -> bool {
    let zeros = part.len() > 1 && part.starts_with('0') && number(part).is_some();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !part.is_empty() && part.chars().all(allowed) && !zeros
}

fn number(part: &str) -> Option<u64> {
    part.parse().ok().filter(|_| part.chars().all(|c| c.is_ascii_digit()))
}

fn wrong(tag: &str) -> String {
    format!("{tag:?} is no tag of a release: it must look like v1.2.3 or v1.2.3-rc.1")
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        self.before.iter().try_for_each(|before| write!(f, "-{before}"))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A release comes after everything that led to it; what led to it is compared part by part: `rc.9` is before `rc.10`.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (&self.before, &other.before) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(two)) => parts(one).cmp(parts(two)),
        })
    }
}

/// Numbers come before words, and are compared as numbers.
fn parts(before: &str) -> impl Iterator<Item = (bool, Option<u64>, &str)> {
    before.split('.').map(|part| (number(part).is_none(), number(part), part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_version_with_a_v() {
        assert_eq!(Version::of_tag("v1.20.3").unwrap().to_string(), "1.20.3");
        assert_eq!(Version::of_tag("v1.0.0-rc.1").unwrap().to_string(), "1.0.0-rc.1");
        assert_eq!(Version::of_tag("v1.0.0-rc.0-x").unwrap().to_string(), "1.0.0-rc.0-x");
        for wrong in [
            "1.2.3",
            "v1.2",
            "v1.2.3.4",
            "v1.2.x",
            "v01.2.3",
            "v1.2.3-",
            "v1.2.3-a b",
            "v1.2.3-rc.01",
        ] {
            let error = Version::of_tag(wrong).unwrap_err().to_string();
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
        let versions: Vec<_> = tags.map(|tag| Version::of_tag(tag).unwrap()).into();
        assert!(versions.is_sorted_by(|one, two| one < two), "{versions:?}");
    }
}
