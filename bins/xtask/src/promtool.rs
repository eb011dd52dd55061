//! Prometheus' own opinion of our metrics: `promtool check metrics`.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use crate::environment::has_program;
use crate::install;
use crate::machine::Service;

/// What to tell somebody who has no promtool.
pub(crate) const PROMTOOL_HELP: &str = "\
promtool is needed, which comes with Prometheus. Install it and run the check again:
  Debian, Ubuntu:  apt-get install prometheus
  macOS:           brew install prometheus
  elsewhere:       https://prometheus.io/download, with `promtool` in PATH";

const PROMTOOL: &str = "promtool";

/// Installs promtool where it is missing and that is allowed.
pub(crate) fn prepare() -> anyhow::Result<()> {
    if has_program(PROMTOOL) {
        return Ok(());
    }
    install::install(&[Service::Promtool])?;
    ensure!(has_program(PROMTOOL), "the installation brought no promtool. {PROMTOOL_HELP}");
    Ok(())
}

/// Refuses a text that promtool has anything to say about.
pub(crate) fn check(metrics: &str) -> anyhow::Result<()> {
    let mut process = Command::new(PROMTOOL)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start promtool")?;
    let mut input = process.stdin.take().context("promtool has no input")?;
    // It reads everything before it says anything, so neither waits for the other.
    input.write_all(metrics.as_bytes()).context("promtool does not read")?;
    drop(input);
    let output = process.wait_with_output()?;
    let told = [output.stdout, output.stderr].concat();
    if !output.status.success() || !told.trim_ascii().is_empty() {
        bail!("promtool check metrics ({}):\n{}", output.status, String::from_utf8_lossy(&told));
    }
    Ok(())
}
