//! Windows and macOS are not at hand, so their compilers cannot say what is missing there. This reads the
//! sources instead: what only one system has must stand behind `cfg`.

mod cfg;
mod detector;
mod sources;

use anyhow::{Context, ensure};
use cfg::System;
use serde_json::Value;
use sources::SourceFile;
use std::{path::PathBuf, process::Command};

/// Crates that start servers and install programs for tests: they name Unix tools, and say on other systems
/// that they cannot.
const TOOLS_FOR_TESTS: [&str; 2] = ["crates/testkit", "bins/xtask"];

/// Crates that other systems do not have: a manifest must ask for them under `[target.'cfg(unix)']`.
const UNIX_ONLY_CRATES: [&str; 7] =
    ["libc", "nix", "procfs", "rustix", "signal-hook", "daemonize", "users"];

#[test]
fn what_other_systems_lack_stands_behind_cfg() -> anyhow::Result<()> {
    let files = sources::all(&root())?;
    ensure!(files.len() > 300, "only {} files were found", files.len());
    let mut found = Vec::new();
    for system in [System::Windows, System::MacOs] {
        let elsewhere = sources::missing_on(system, &files);
        for file in files.iter().filter(|file| !elsewhere.contains(&file.path)) {
            for finding in detector::foreign_names(&file.tokens, system) {
                found.push(format!("{}:{finding}, which {system} has not", file.path.display()));
            }
        }
    }
    ensure!(found.is_empty(), "behind cfg, or another way, please:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn products_know_no_path_and_no_program_of_unix() -> anyhow::Result<()> {
    let files = sources::all(&root())?;
    let mut others = sources::missing_on(System::Windows, &files);
    others.extend(sources::of_unit_tests(&files));
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_product(file) && !others.contains(&file.path)) {
        for finding in detector::foreign_texts(&file.tokens, System::Windows) {
            found.push(format!("{}:{finding}", file.path.display()));
        }
    }
    ensure!(found.is_empty(), "behind cfg(unix), or another way, please:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn manifests_ask_for_unix_crates_on_unix_only() -> anyhow::Result<()> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut seen = 0;
    for package in metadata["packages"].as_array().context("no packages")? {
        for dependency in package["dependencies"].as_array().context("no dependencies")? {
            let name = dependency["name"].as_str().context("no name")?;
            let everywhere = dependency["target"].is_null();
            let problem = everywhere && UNIX_ONLY_CRATES.contains(&name);
            ensure!(!problem, "{} uses {name} on every system", package["name"]);
            seen += 1;
        }
    }
    ensure!(seen > 100, "only {seen} dependencies were found");
    Ok(())
}

fn is_product(file: &SourceFile) -> bool {
    let of_tools = TOOLS_FOR_TESTS.iter().any(|folder| file.path.starts_with(folder));
    !of_tools && file.path.components().any(|part| part.as_os_str() == "src")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
