//! `cargo xtask release v1.2.3`: versions, changelog, commit and tag, in one go; `--dry-run` shows them.
//!
//! It pushes nothing: the tag starts the release workflow, and to let it go is a person's decision.

mod changelog;
mod edits;
mod notes;
mod version;

use std::process::Command;

use anyhow::{Context, bail, ensure};
use jiff::{Timestamp, tz::TimeZone};

use crate::cargo;
use edits::Edit;

/// Makes the release, or shows what it would be.
pub(crate) fn run(tag: &str, dry_run: bool) -> anyhow::Result<()> {
    let version = version::of_tag(tag)?;
    let current = edits::current_version()?;
    ensure!(version >= current, "{tag} is older than the code, which is of version {current}");
    ensure!(git(&["tag", "--list", tag])?.is_empty(), "the tag {tag} exists");
    let edits = edits::all(&current, &version, &today())?;
    if dry_run { show(tag, &edits) } else { make(tag, &edits) }
}

/// The day of the release, in UTC: the last commit may be older.
#[expect(clippy::disallowed_methods, reason = "a person makes the release, now")]
fn today() -> String {
    Timestamp::now().to_zoned(TimeZone::UTC).date().to_string()
}

/// Prints what the changelog says about the version of the code.
pub(crate) fn notes(tag: &str) -> anyhow::Result<()> {
    let version = version::of_tag(tag)?;
    let current = edits::current_version()?;
    ensure!(version == current, "the tag is {tag}, but Cargo.toml says {current}");
    let text = edits::read(changelog::FILE)?;
    println!("{}", notes::for_page(&changelog::section(&text, &version)?, &version));
    Ok(())
}

fn show(tag: &str, edits: &[Edit]) -> anyhow::Result<()> {
    for edit in edits {
        println!("{}", edit.difference());
    }
    println!("Then Cargo.lock follows, `Release {tag}` is committed, and the tag {tag} is made.");
    println!("Nothing was changed.");
    Ok(())
}

fn make(tag: &str, edits: &[Edit]) -> anyhow::Result<()> {
    let changed = git(&["status", "--porcelain"])?;
    ensure!(changed.is_empty(), "commit or stash what is changed first:\n{changed}");
    let branch = git(&["symbolic-ref", "--short", "HEAD"])?;
    ensure!(branch == "main", "a release is made on main, not on {branch}");
    if let Err(error) = commit(tag, edits) {
        // Nothing was changed before, so nothing of anybody's is lost.
        git(&["reset", "--hard", "--quiet"])?;
        return Err(error.context("everything is as it was"));
    }
    git(&["tag", "--annotate", tag, "--message", tag])?;
    println!("{tag} is made. When you are sure: git push --atomic origin main {tag}");
    Ok(())
}

fn commit(tag: &str, edits: &[Edit]) -> anyhow::Result<()> {
    for edit in edits {
        edit.write()?;
    }
    cargo::run(&["update", "--workspace", "--offline"])?;
    git(&["commit", "--all", "--message", &format!("Release {tag}")])?;
    Ok(())
}

fn git(args: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git").args(args).current_dir(cargo::root()).output();
    let output = output.context("cannot start git")?;
    if !output.status.success() {
        bail!("git {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
