//! `cargo xtask package`: builds the published crates as crates.io would, all of them at once, since they need one another
//! and none is in the registry yet.

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::cargo;

/// Packs and builds every crate that says `publish = true`.
pub(crate) fn run() -> anyhow::Result<()> {
    let names = published()?;
    ensure!(!names.is_empty(), "no crate says `publish = true`");
    println!("{} crates: {}", names.len(), names.join(", "));
    let mut args = vec!["package", "--locked", "--allow-dirty"];
    for name in &names {
        args.extend(["--package", name.as_str()]);
    }
    // A folder of its own for each run: cargo knows a crate that it has unpacked by name and version, and would build the
    // one of the last run.
    let folder = cargo::target_directory()?.join(format!("package-{}", std::process::id()));
    let mut command = cargo::command(&args);
    command.env("CARGO_TARGET_DIR", &folder);
    let result = cargo::run_command(command);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn published() -> anyhow::Result<Vec<String>> {
    let output = cargo::command(&["metadata", "--no-deps", "--format-version", "1"]).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    // Nothing may be published where the list of allowed registries is empty; no list is no limit.
    let published = packages.iter().filter(|package| package["publish"].is_null());
    Ok(published.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect())
}
