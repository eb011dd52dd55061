//! The programs of the version before, built from the history of this repository.

use anyhow::{Context, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The version before: the last one without the migration that this version
/// adds. With a new migration, the commit before it.
const COMMIT: &str = "7ae3935180ece2b889e5626b8a1e3888f1578a56";

/// Whether git knows it here: a shallow clone does not.
pub(super) fn is_in_history() -> bool {
    let mut git = Command::new("git");
    git.args(["-C", ROOT, "cat-file", "-e", COMMIT]).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Its programs.
pub(super) struct Before {
    pub(super) server: PathBuf,
    pub(super) migrate: PathBuf,
}

impl Before {
    /// Builds them, unless they are there: in a folder of their own under
    /// `target`, which `cargo clean` takes away.
    pub(super) fn build() -> anyhow::Result<Self> {
        let folder = target_directory()?.join("before").join(COMMIT);
        let (source, target) = (folder.join("source"), folder.join("target"));
        if !source.join("Cargo.lock").is_file() {
            unpack(&source)?;
        }
        println!("building the version before ({})", &COMMIT[..12]);
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked"]);
        cargo.args(["--package", "dispatcher-server", "--package", "dispatcher-migrate"]);
        cargo.current_dir(&source).env("CARGO_TARGET_DIR", &target).env("GIT_COMMIT", COMMIT);
        run(&mut cargo)?;
        let program =
            |name| target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        Ok(Self {
            server: program("message-dispatcher-server"),
            migrate: program("message-dispatcher-migrate"),
        })
    }
}

/// The files of that commit, and nothing of what has been changed since.
fn unpack(into: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(into).with_context(|| format!("{} cannot be made", into.display()))?;
    let mut git = Command::new("git");
    git.args(["-C", ROOT, "archive", "--format=tar", COMMIT]).stdout(Stdio::piped());
    let mut archive = git.spawn().context("git cannot be started")?;
    let tar = archive.stdout.take().context("git writes nowhere")?;
    let mut untar = Command::new("tar");
    untar.arg("-x").arg("-C").arg(into).stdin(tar);
    let unpacked = run(&mut untar);
    let status = archive.wait().context("git did not end")?;
    ensure!(
        status.success(),
        "git has no commit {COMMIT}: fetch the whole history (git fetch --unshallow)"
    );
    unpacked
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{name} cannot be started"))?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

/// The parent of the folder that this program runs from.
fn target_directory() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("where this program lies is not known")?;
    let target = program.parent().and_then(Path::parent);
    target.map(Path::to_owned).context("this program lies in no target folder")
}
