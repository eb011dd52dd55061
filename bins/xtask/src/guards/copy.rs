//! A copy of the tracked files, in which guards are taken out: nobody's working tree is touched.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::guard::{Guard, SWITCH, weave};
use crate::{cargo, environment};

/// The copy, and where it is built. Both stay for the next run: a removal then costs a few crates.
pub(crate) struct Copy {
    tree: PathBuf,
    build: PathBuf,
}

impl Copy {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let home = cargo::target_directory()?.join("guards");
        Ok(Self { tree: home.join("tree"), build: home.join("build") })
    }

    /// Makes it as the working tree is, apart from `edited` texts. What is so already is not written:
    /// cargo goes by the time of a file.
    fn become_as(&self, edited: &HashMap<String, String>) -> anyhow::Result<()> {
        let tracked = tracked()?;
        prune(&self.tree, &tracked.iter().map(|path| self.tree.join(path)).collect())?;
        for path in tracked {
            let source = cargo::root().join(&path);
            if !source.is_file() {
                continue;
            }
            let is = match edited.get(&path) {
                Some(text) => text.clone().into_bytes(),
                None => fs::read(&source).with_context(|| format!("cannot read {path}"))?,
            };
            let target = self.tree.join(&path);
            if fs::read(&target).is_ok_and(|was| was == is) {
                continue;
            }
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&target, is).with_context(|| format!("cannot write {}", target.display()))?;
        }
        Ok(())
    }

    /// Nothing is removed, and nothing can be.
    pub(crate) fn whole(&self) -> anyhow::Result<()> {
        self.become_as(&HashMap::new())
    }

    /// This one is removed.
    pub(crate) fn without(&self, guard: &Guard) -> anyhow::Result<()> {
        let text = guard.removed_from(&read(&guard.path())?)?;
        self.become_as(&HashMap::from([(guard.path(), text)]))
    }

    /// Each of these has a switch.
    pub(crate) fn with_switches(&self, guards: &[&Guard]) -> anyhow::Result<()> {
        let mut by_file: HashMap<String, Vec<&Guard>> = HashMap::new();
        for guard in guards {
            by_file.entry(guard.path()).or_default().push(guard);
        }
        let woven = by_file.into_iter().map(|(path, guards)| {
            let text = weave(&read(&path)?, &guards)?;
            Ok((path, text))
        });
        let mut edited = woven.collect::<anyhow::Result<HashMap<_, _>>>()?;
        edited.insert(BOTTOM.to_owned(), read(BOTTOM)? + SWITCH);
        self.become_as(&edited)
    }

    /// A cargo command in it.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let cargo = environment::variable("CARGO").unwrap_or_else(|| "cargo".to_owned());
        let mut command = Command::new(cargo);
        command.args(args).current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.build);
        // Nobody looks into these programs.
        command.env("CARGO_PROFILE_DEV_DEBUG", "none");
        command
    }

    pub(crate) fn folder(&self, of: &str) -> PathBuf {
        self.tree.join(of)
    }
}

/// Takes away what is no longer tracked: cargo finds crates and tests by their place.
fn prune(folder: &Path, wanted: &HashSet<PathBuf>) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            prune(&path, wanted)?;
        } else if !wanted.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The crate that all others know.
const BOTTOM: &str = "crates/domain/src/lib.rs";

pub(crate) fn read(path: &str) -> anyhow::Result<String> {
    let file: &Path = &cargo::root().join(path);
    fs::read_to_string(file).with_context(|| format!("cannot read {path}"))
}

/// What git knows, and what it will know after the next `git add`.
fn tracked() -> anyhow::Result<Vec<String>> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(args).current_dir(cargo::root()).output()?;
    ensure!(output.status.success(), "`git ls-files` failed: this is no working tree of git");
    let names = String::from_utf8(output.stdout).context("a name of a file is no UTF-8")?;
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}
