//! Where the version stands, and what a release changes there.

use std::fs;

use anyhow::{Context, ensure};

use super::changelog;
use super::version::Version;
use crate::cargo;

/// Manifests that name the version of crates of ours. All others inherit it.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "bins/xtask/Cargo.toml"];
const OPENAPI: &str = "docs/openapi.json";
/// The workspace of the fuzz targets has a lock file of its own, with our crates in it.
const FUZZ_LOCK: &str = "fuzz/Cargo.lock";
/// Which images these install, and what stands before their version.
const DEPLOYMENTS: [(&str, &str); 4] = [
    ("deploy/kubernetes/base/kustomization.yaml", "newTag: "),
    ("deploy/kubernetes/example/kustomization.yaml", "newTag: "),
    ("deploy/compose.yaml", "${MESSAGE_DISPATCHER_VERSION:-"),
    ("deploy/README.md", "MESSAGE_DISPATCHER_VERSION="),
];

/// A file, as it is and as it will be.
pub(super) struct Edit {
    file: &'static str,
    before: String,
    after: String,
}

impl Edit {
    fn of(
        file: &'static str,
        change: impl Fn(&str) -> anyhow::Result<String>,
    ) -> anyhow::Result<Self> {
        let before = read(file)?;
        let after = change(&before)?;
        Ok(Self { file, before, after })
    }

    pub(super) fn write(&self) -> anyhow::Result<()> {
        let path = cargo::root().join(self.file);
        fs::write(&path, &self.after).with_context(|| format!("cannot write {}", self.file))
    }

    /// The lines that differ. Lines are changed one by one, or added in one place.
    pub(super) fn difference(&self) -> String {
        let (before, after): (Vec<_>, Vec<_>) =
            (self.before.lines().collect(), self.after.lines().collect());
        let mut text = format!("{}\n", self.file);
        if before.len() == after.len() {
            for (old, new) in before.iter().zip(&after).filter(|(old, new)| old != new) {
                text.push_str(&format!("  - {old}\n  + {new}\n"));
            }
        } else {
            let same = before.iter().zip(&after).take_while(|(old, new)| old == new).count();
            for new in &after[same..same + after.len() - before.len()] {
                text.push_str(&format!("  + {new}\n"));
            }
        }
        text
    }
}

/// Everything that a release changes.
pub(super) fn all(current: &Version, next: &Version, date: &str) -> anyhow::Result<Vec<Edit>> {
    let mut edits = Vec::new();
    for file in MANIFESTS {
        edits.push(Edit::of(file, |text| Ok(manifest(text, current, next)))?);
    }
    edits.push(Edit::of(OPENAPI, |text| openapi(text, current, next))?);
    edits.push(Edit::of(FUZZ_LOCK, |text| Ok(lock(text, current, next)))?);
    for (file, before) in DEPLOYMENTS {
        edits.push(Edit::of(file, |text| deployment(file, text, before, next))?);
    }
    edits.push(Edit::of(changelog::FILE, |text| changelog::released(text, next, date))?);
    Ok(edits)
}

/// The version that the workspace has.
pub(super) fn current_version() -> anyhow::Result<Version> {
    let text = read(MANIFESTS[0])?;
    let line = text.lines().find_map(|line| line.strip_prefix("version = \""));
    let version = line.and_then(|rest| rest.strip_suffix('"'));
    Ok(Version::parse(version.context("Cargo.toml has no line `version = \"…\"`")?)?)
}

pub(super) fn read(file: &str) -> anyhow::Result<String> {
    fs::read_to_string(cargo::root().join(file)).with_context(|| format!("cannot read {file}"))
}

/// The version of the workspace, and those of our crates where others of ours use them. What comes from a registry has
/// no path, and keeps its version.
fn manifest(text: &str, current: &Version, next: &Version) -> String {
    let (old, new) = (format!("version = \"{current}\""), format!("version = \"{next}\""));
    lines(text, |line| {
        let ours = line == old || line.contains("path = \"");
        if ours { line.replace(&old, &new) } else { line.to_owned() }
    })
}

fn openapi(text: &str, current: &Version, next: &Version) -> anyhow::Result<String> {
    let (old, new) = (format!("\"version\": \"{current}\""), format!("\"version\": \"{next}\""));
    let count = text.matches(&old).count();
    ensure!(count == 1, "{OPENAPI} names its version {count} times, not once");
    Ok(text.replace(&old, &new))
}

/// A package of ours has no source; one of others that happens to have our version does.
fn lock(text: &str, current: &Version, next: &Version) -> String {
    let (old, new) = (format!("\nversion = \"{current}\"\n"), format!("\nversion = \"{next}\"\n"));
    let packages = text.split("\n\n").map(|package| {
        let ours = package.starts_with("[[package]]\nname = \"dispatcher-")
            && !package.contains("\nsource = ");
        if ours { package.replace(&old, &new) } else { package.to_owned() }
    });
    packages.collect::<Vec<_>>().join("\n\n")
}

fn deployment(file: &str, text: &str, before: &str, next: &Version) -> anyhow::Result<String> {
    ensure!(text.contains(before), "{file} has no {before:?}");
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    Ok(lines(text, |line| match line.split_once(before) {
        Some((start, old)) => {
            format!("{start}{before}v{next}{}", old.trim_start_matches(is_part))
        }
        None => line.to_owned(),
    }))
}

fn lines(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn only_versions_of_ours_change_in_a_manifest() {
        let text = "version = \"0.1.0\"\nours = { path = \"x\", version = \"0.1.0\" }\ntheirs = { version = \"0.1.0\" }\n";

        let changed = manifest(text, &version("0.1.0"), &version("0.2.0"));

        let expected = "version = \"0.2.0\"\nours = { path = \"x\", version = \"0.2.0\" }\ntheirs = { version = \"0.1.0\" }\n";
        assert_eq!(changed, expected);
    }

    #[test]
    fn only_packages_of_ours_change_in_a_lock_file() {
        let text = "version = 4\n\n[[package]]\nname = \"theirs\"\nversion = \"0.1.0\"\nsource = \"registry\"\n\n[[package]]\nname = \"dispatcher-api\"\nversion = \"0.1.0\"\ndependencies = [\n \"theirs\",\n]\n";

        let changed = lock(text, &version("0.1.0"), &version("0.2.0"));

        let expected = text.replace("api\"\nversion = \"0.1.0\"", "api\"\nversion = \"0.2.0\"");
        assert_eq!(changed, expected);
    }

    #[test]
    fn what_comes_after_the_version_of_an_image_stays() {
        let changed = |text: &str, before: &str| {
            deployment("f", text, before, &version("0.2.0-rc.1")).unwrap()
        };
        let image = "  image: a/b:${V:-v0.1.0}\n";
        assert_eq!(changed(image, "${V:-"), "  image: a/b:${V:-v0.2.0-rc.1}\n");
        assert_eq!(changed("V=v0.1.0   # why\n", "V="), "V=v0.2.0-rc.1   # why\n");
        assert!(deployment("f", "image: b\n", "newTag: ", &version("0.2.0")).is_err());
    }

    #[test]
    fn every_place_of_this_repository_that_names_the_version_is_changed() {
        let current = current_version().unwrap();
        let next = version("987.65.4");

        let edits = all(&current, &next, "2026-02-03").unwrap();

        for edit in &edits {
            assert!(edit.difference().contains("987.65.4"), "{}", edit.difference());
        }
    }

    #[test]
    fn a_difference_shows_changed_and_added_lines_only() {
        let edit = |before: &str, after: &str| Edit {
            file: "f",
            before: before.to_owned(),
            after: after.to_owned(),
        };
        assert_eq!(edit("a\nb\n", "a\nc\n").difference(), "f\n  - b\n  + c\n");
        assert_eq!(edit("a\nb\n", "a\nnew\nb\n").difference(), "f\n  + new\n");
    }
}
