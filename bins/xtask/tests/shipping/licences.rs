//! What may be inside the programs, and what the release says is inside them.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};

use crate::read;

#[test]
fn the_licences_that_are_allowed_are_those_that_a_release_lists() -> anyhow::Result<()> {
    let allowed = quoted(&read("deny.toml")?, "\nallow = [")?;
    let accepted = quoted(&read("about.toml")?, "\naccepted = [")?;
    ensure!(allowed.len() > 5, "only {allowed:?} were found");
    ensure!(allowed == accepted, "deny.toml allows {allowed:?}, about.toml accepts {accepted:?}");
    Ok(())
}

#[test]
fn licences_are_collected_for_each_system_that_is_released() -> anyhow::Result<()> {
    let workflow = read(".github/workflows/release.yml")?;
    let built: BTreeSet<String> = workflow
        .split("target: ")
        .skip(1)
        .filter_map(|rest| rest.split([',', '}', '\n']).next())
        .filter(|target| target.matches('-').count() >= 2)
        .map(str::to_owned)
        .collect();
    let listed = quoted(&read("about.toml")?, "\ntargets = [")?;
    ensure!(built.len() >= 5, "only {built:?} were found");
    ensure!(built == listed, "the release builds for {built:?}, about.toml has {listed:?}");
    Ok(())
}

/// The strings of a list of TOML.
fn quoted(text: &str, opening: &str) -> anyhow::Result<BTreeSet<String>> {
    let (_, rest) = text.split_once(opening).with_context(|| format!("no {opening:?}"))?;
    let (list, _) = rest.split_once(']').context("the list does not end")?;
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}
