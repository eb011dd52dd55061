//! `cargo xtask ci`: every check, one after the other, with a summary.

use std::time::Duration;

use anyhow::bail;

use crate::{cargo, chaos, drive, files, tests_run};

/// A check that a change must pass.
struct Step {
    name: &'static str,
    run: fn() -> anyhow::Result<()>,
}

/// All checks in their order: the most telling first. Adding one is adding a line.
const STEPS: &[Step] = &[
    Step { name: "test", run: || tests_run::run(&[]) },
    Step { name: "chaos", run: || chaos::run(&["--ci".to_owned()]) },
    Step { name: "fmt", run: fmt },
    Step { name: "clippy", run: clippy },
    Step { name: "doc", run: doc },
    Step { name: "drive-dev", run: drive::run },
    Step { name: "promtool", run: drive::check_metrics },
    Step { name: "files", run: files::run },
];

/// Runs all steps, also after a failure: one run shows everything that is wrong.
pub(crate) fn run_all() -> anyhow::Result<()> {
    let results: Vec<_> = STEPS.iter().map(run_one).collect();
    println!("\nSummary");
    let mut failed = Vec::new();
    for (step, (result, time)) in STEPS.iter().zip(&results) {
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        println!("  {:<10} {word:<7} {:>6.1} s", step.name, time.as_secs_f64());
        if let Err(error) = result {
            failed.push(format!("{}: {error:#}", step.name));
        }
    }
    if !failed.is_empty() {
        bail!("{} of {} checks failed\n{}", failed.len(), STEPS.len(), failed.join("\n"));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "how long a check took is worth knowing")]
fn run_one(step: &Step) -> (anyhow::Result<()>, Duration) {
    println!("\n=== {} ===", step.name);
    let start = std::time::Instant::now();
    let result = (step.run)();
    if let Err(error) = &result {
        println!("{}: {error:#}", step.name);
    }
    (result, start.elapsed())
}

fn fmt() -> anyhow::Result<()> {
    cargo::require("fmt", "rustfmt")?;
    cargo::run(&["fmt", "--all", "--check"])
}

fn clippy() -> anyhow::Result<()> {
    cargo::require("clippy", "clippy")?;
    cargo::run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn doc() -> anyhow::Result<()> {
    let mut command = cargo::command(&["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    cargo::run_command(command)
}
