//! `cargo xtask fuzz`: libFuzzer looks for bytes for which a target of `fuzz/` does not hold.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::cargo;
use crate::environment::has_program;

/// Plays so many inputs on a target, or on each.
pub(crate) fn run(target: &str, runs: u64, seed: u32) -> anyhow::Result<()> {
    let all = targets()?;
    let chosen: Vec<_> = all.iter().filter(|it| target == "all" || target == *it).collect();
    ensure!(!chosen.is_empty(), "--target {target}: must be `all` or one of {}", all.join(", "));
    if !has_program(PROGRAM) {
        cargo::run(&["install", "--locked", "cargo-fuzz"])?;
    }
    println!("cargo xtask fuzz --target {target} --runs {runs} --seed {seed}");
    let failed: Vec<_> = chosen.iter().filter(|it| play(it, runs, seed).is_err()).collect();
    if !failed.is_empty() {
        bail!(
            "{failed:?} do not hold. What they do not hold for lies in fuzz/artifacts: make a unit test of it"
        );
    }
    Ok(())
}

const PROGRAM: &str = if cfg!(windows) { "cargo-fuzz.exe" } else { "cargo-fuzz" };

fn play(target: &str, runs: u64, seed: u32) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder().join("corpus").join(target))?;
    let mut command = cargo::command(&[
        "fuzz",
        "run",
        "--fuzz-dir",
        ".",
        "-O",
        "--debug-assertions",
        "-s",
        "none",
    ]);
    // What it finds goes to the first folder; the second is only read.
    let (corpus, seeds) = (format!("corpus/{target}"), format!("seeds/{target}"));
    command.args([
        target,
        &corpus,
        &seeds,
        "--",
        &format!("-runs={runs}"),
        &format!("-seed={seed}"),
    ]);
    command.args(["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    command.current_dir(folder());
    cargo::run_command(command)
}

fn targets() -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder().join("fuzz_targets")).context("fuzz/fuzz_targets")?;
    let name = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<_> = entries.filter_map(|entry| name(entry.ok()?.path())).collect();
    names.sort();
    Ok(names)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}
