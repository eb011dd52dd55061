//! What crates.io and docs.rs show of the published crates, and what others may do with them.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::{metadata, read};

/// The crates that are published.
fn published() -> anyhow::Result<Vec<Value>> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let published: Vec<_> = packages.iter().filter(|it| it["publish"].is_null()).cloned().collect();
    ensure!(published.len() == 11, "{} crates are published, not eleven", published.len());
    Ok(published)
}

#[test]
fn published_crates_say_what_they_are() -> anyhow::Result<()> {
    for package in published()? {
        let name = package["name"].as_str().context("a crate without a name")?;
        let texts = ["description", "license", "repository", "rust_version", "readme"];
        for field in texts {
            ensure!(package[field].is_string(), "{name} has no {field}");
        }
        for field in ["keywords", "categories"] {
            let words = package[field].as_array().map_or(0, Vec::len);
            // More than five are refused by crates.io.
            ensure!((1..=5).contains(&words), "{name} has {words} {field}");
        }
        ensure!(package["metadata"]["docs"]["rs"].is_object(), "{name}: nothing for docs.rs");
    }
    Ok(())
}

#[test]
fn published_crates_carry_the_licence_and_promise_what_a_version_means() -> anyhow::Result<()> {
    let licence = read("LICENSE")?;
    for package in published()? {
        let manifest = package["manifest_path"].as_str().context("no manifest")?;
        let folder = Path::new(manifest).parent().context("no folder")?;
        let text = |file: &str| {
            let path = folder.join(file);
            std::fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))
        };
        ensure!(text("LICENSE")? == licence, "{}: another LICENSE", folder.display());
        let (manifest, readme) = (text("Cargo.toml")?, text("README.md")?);
        ensure!(readme.contains("\n## Versions\n"), "{}: no promise", folder.display());
        // Its tests need servers, and crates that are not published.
        ensure!(manifest.contains("\nexclude.workspace = true\n"), "{}", folder.display());
    }
    Ok(())
}

#[test]
fn every_feature_of_a_published_crate_is_explained() -> anyhow::Result<()> {
    for package in published()? {
        let manifest = package["manifest_path"].as_str().context("no manifest")?;
        let readme = Path::new(manifest).with_file_name("README.md");
        let readme = std::fs::read_to_string(readme)?;
        let features = package["features"].as_object().context("no features")?;
        for feature in features.keys().filter(|feature| *feature != "default") {
            ensure!(readme.contains(&format!("`{feature}`")), "{manifest}: what is {feature}?");
        }
    }
    Ok(())
}
