//! Every relative link of every document leads to a file that exists, and every anchor to a heading of it.

mod markdown;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, ensure};
use markdown::Page;

/// What docs/configuration.md is made of.
const TEMPLATE: &str = "crates/settings/src/manual/page.md";

#[test]
fn every_link_leads_somewhere() -> anyhow::Result<()> {
    let pages = pages()?;
    let mut broken = Vec::new();
    let mut followed = 0;
    for (place, page) in &pages {
        for link in page.links() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            followed += 1;
            if let Err(why) = follow(&pages, place, &link) {
                broken.push(format!("{}: {link}: {why}", place.display()));
            }
        }
    }
    ensure!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
    // A reader of Markdown that finds no links finds none broken.
    ensure!(followed > 80, "only {followed} links were found");
    Ok(())
}

#[test]
fn links_of_alerts_lead_to_sections_of_the_run_book() -> anyhow::Result<()> {
    let pages = pages()?;
    let alerts = fs::read_to_string(root().join("deploy/prometheus/alerts.yml"))?;
    let url = "https://github.com/message-dispatcher/message-dispatcher/blob/main/";
    let links: Vec<_> = alerts.lines().filter_map(|line| line.split_once(url)).collect();
    ensure!(!links.is_empty(), "no alert has a link");
    for (_, link) in links {
        follow(&pages, Path::new("README.md"), link.trim()).map_err(anyhow::Error::msg)?;
    }
    Ok(())
}

fn follow(pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> Result<(), String> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => from.to_owned(),
        path => resolved(&from.parent().unwrap_or(Path::new("")).join(path))
            .ok_or("it leads out of the repository")?,
    };
    if !root().join(&target).exists() {
        return Err("there is no such file".to_owned());
    }
    match pages.get(&target) {
        _ if anchor.is_empty() => Ok(()),
        Some(page) if page.anchors().any(|found| found == anchor) => Ok(()),
        Some(_) => Err(format!("{} has no heading for it", target.display())),
        None => Err("an anchor of something that is no document".to_owned()),
    }
}

/// Without `.` and `..`; `None` if it leads out of the repository.
fn resolved(path: &Path) -> Option<PathBuf> {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if parts.pop() => {}
            Component::ParentDir => return None,
            Component::Normal(part) => parts.push(part),
            _ => {}
        }
    }
    Some(parts)
}

/// All documents, by their place in the repository.
fn pages() -> anyhow::Result<BTreeMap<PathBuf, Page>> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root().join(&folder))
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (name, place) = (entry.file_name(), folder.join(entry.file_name()));
            if entry.file_type()?.is_dir() {
                if !["target", ".git", "node_modules"].iter().any(|skipped| name == *skipped) {
                    folders.push(place);
                }
            } else if place == Path::new(TEMPLATE) {
                // Its links are those of the page that is made of it.
            } else if place.extension().is_some_and(|ending| ending == "md") {
                let text = fs::read_to_string(root().join(&place))?;
                pages.insert(place, Page::of(text));
            }
        }
    }
    Ok(pages)
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
