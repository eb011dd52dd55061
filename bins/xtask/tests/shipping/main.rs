//! What `deploy` and the workflows say is true of the code: files that nobody here runs every day go stale unseen.

mod crates;
mod kubernetes;
mod licences;
mod metrics;
mod programs;
mod settings;
mod versions;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

/// A file of the repository.
fn read(file: &str) -> anyhow::Result<String> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
}

/// What cargo knows of our packages.
fn metadata() -> anyhow::Result<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What follows `before` in the first line that has it, up to a quote or a blank.
fn value<'a>(text: &'a str, before: &str) -> anyhow::Result<&'a str> {
    let (_, rest) = text.split_once(before).with_context(|| format!("{before:?} is not there"))?;
    Ok(rest.split(['"', ' ', '\n']).next().unwrap_or_default())
}
