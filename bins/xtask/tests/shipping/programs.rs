//! What a plain `cargo build` makes is what the documents then start.

use crate::{metadata, read};
use anyhow::{Context, ensure};
use serde_json::Value;
use std::collections::BTreeSet;

const PREFIX: &str = "message-dispatcher-";

/// The packages that cargo takes where none is named.
fn default_packages() -> anyhow::Result<Vec<Value>> {
    let metadata = metadata()?;
    let of = |field: &str| metadata[field].as_array().cloned().context("not a list");
    let defaults = of("workspace_default_members")?;
    Ok(of("packages")?.into_iter().filter(|it| defaults.contains(&it["id"])).collect())
}

/// What is started by its path in this document.
fn started(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for place in ["./", "target/release/"] {
        for rest in page.split(&format!("{place}{PREFIX}")).skip(1) {
            let name: String =
                rest.chars().take_while(|c| *c == '-' || c.is_ascii_lowercase()).collect();
            found.insert(format!("{PREFIX}{name}"));
        }
    }
    found
}

#[test]
fn a_plain_build_makes_every_program_that_the_documents_then_start() -> anyhow::Result<()> {
    let packages = default_packages()?;
    let targets = packages.iter().filter_map(|package| package["targets"].as_array()).flatten();
    let made: BTreeSet<_> = targets.filter_map(|target| target["name"].as_str()).collect();
    for (page, programs) in [("README.md", 2), ("docs/first-hour.md", 3)] {
        let text = read(page)?;
        ensure!(
            text.contains("cargo build --release\n") || text.contains("cargo build --release &&")
        );
        let started = started(&text);
        ensure!(started.len() == programs, "{page} starts {started:?}");
        for program in started {
            ensure!(made.contains(program.as_str()), "{page} starts {program}; made are {made:?}");
        }
    }
    Ok(())
}

#[test]
fn a_plain_run_starts_the_server() -> anyhow::Result<()> {
    let packages = default_packages()?;
    let runs: Vec<_> =
        packages.iter().filter_map(|package| package["default_run"].as_str()).collect();
    ensure!(runs == ["message-dispatcher-server"], "{runs:?}");
    Ok(())
}

#[test]
fn every_task_has_a_short_name() -> anyhow::Result<()> {
    let (tasks, recipes) = (read("bins/xtask/src/main.rs")?, read("justfile")?);
    let (_, tasks) = tasks.split_once("match CommandLine::parse().task {").context("no match")?;
    let mut count = 0;
    for line in tasks.lines().take_while(|line| line.trim() != "};") {
        let Some((_, task)) = line.split_once("Task::") else { continue };
        let task: String = task.chars().take_while(char::is_ascii_alphabetic).collect();
        let name: String = task
            .chars()
            .flat_map(|c| [c.is_ascii_uppercase().then_some('-'), Some(c.to_ascii_lowercase())])
            .flatten()
            .collect();
        let call = format!("cargo xtask{}", name.replacen('-', " ", 1));
        // `just ci` is the very file that CI runs.
        let found = recipes.lines().any(|line| runs(line, &call))
            || task == "Ci" && recipes.contains(".ci/run");
        ensure!(found, "no recipe of the justfile runs `{call}`");
        count += 1;
    }
    ensure!(count >= 13, "only {count} tasks were found");
    Ok(())
}

/// Whether a line of a recipe is this call, and no other that begins like it.
fn runs(line: &str, call: &str) -> bool {
    line.trim_start()
        .strip_prefix(call)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}
