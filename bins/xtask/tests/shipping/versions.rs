//! Numbers that stand in more than one place are the same everywhere, or in the right order.

use anyhow::{Context, ensure};

use crate::{read, value};

#[test]
fn images_are_built_by_the_toolchain_of_developers() -> anyhow::Result<()> {
    let (toolchain, docker) = (read("rust-toolchain.toml")?, read("deploy/Dockerfile")?);
    let ours = value(&toolchain, "channel = \"")?;
    let image = value(&docker, "docker.io/library/rust:")?;
    ensure!(image.starts_with(&format!("{ours}-")), "developers have {ours}, images {image}");
    Ok(())
}

#[test]
fn the_oldest_rust_that_is_promised_is_the_one_that_is_tested() -> anyhow::Result<()> {
    let (toolchain, manifest) = (read("rust-toolchain.toml")?, read("Cargo.toml")?);
    let (ours, promised) =
        (value(&toolchain, "channel = \"")?, value(&manifest, "rust-version = \"")?);
    ensure!(
        ours.strip_suffix(".0") == Some(promised),
        "rust-toolchain.toml says {ours}, Cargo.toml promises {promised}: the promise is untested"
    );
    Ok(())
}

#[test]
fn whoever_stops_the_server_waits_longer_than_it_takes() -> anyhow::Result<()> {
    let defaults = read("crates/settings/defaults.toml")?;
    let built_in = seconds(value(&defaults, "\nshutdown_timeout = \"")?)?;

    let compose = read("deploy/compose.yaml")?;
    let (_, server) = compose.split_once("\n  server:\n").context("compose.yaml has no server")?;
    let asked = seconds(value(server, "SHUTDOWN_TIMEOUT: ")?)?;
    let waits = seconds(value(server, "stop_grace_period: ")?)?;
    ensure!(waits >= asked + 10, "compose.yaml waits {waits} s for {asked} s");

    let unit = read("deploy/systemd/message-dispatcher.service")?;
    let waits = seconds(value(&unit, "\nTimeoutStopSec=")?)?;
    ensure!(waits >= built_in + 10, "the unit waits {waits} s for {built_in} s");

    let settings = read("deploy/kubernetes/base/settings.env")?;
    let asked = seconds(value(&settings, "SHUTDOWN_TIMEOUT=")?)?;
    let deployment = read("deploy/kubernetes/base/deployment.yaml")?;
    let (_, stop) = deployment.split_once("preStop:").context("no preStop")?;
    let before: u64 = value(stop, "\n                seconds: ")?.parse()?;
    let waits: u64 = value(&deployment, "terminationGracePeriodSeconds: ")?.parse()?;
    ensure!(
        waits >= before + asked + 10,
        "Kubernetes waits {waits} s for {before} s and {asked} s"
    );
    Ok(())
}

#[test]
fn releases_have_the_names_that_the_documents_promise() -> anyhow::Result<()> {
    let (workflow, install) = (read(".github/workflows/release.yml")?, read("docs/install.md")?);
    let mut platforms = 0;
    for line in workflow.lines().filter(|line| line.contains("- {os: ")) {
        let (os, arch) = (value(line, "os: ")?, value(line, "arch: ")?);
        let name = format!("{}-{}", os.trim_end_matches(','), arch.trim_end_matches(','));
        for program in ["server", "migrate"] {
            let file = format!("message-dispatcher-{program}-{name}");
            ensure!(install.contains(&file), "docs/install.md does not know {file}");
        }
        platforms += 1;
    }
    ensure!(platforms == 5, "{platforms} platforms are built, not five");
    Ok(())
}

#[test]
fn compose_installs_the_images_of_this_version() -> anyhow::Result<()> {
    let (manifest, compose) = (read("Cargo.toml")?, read("deploy/compose.yaml")?);
    let version = value(&manifest, "\nversion = \"")?;
    let ours: Vec<_> = compose.lines().filter(|line| line.contains("VERSION:-")).collect();
    // Three images, and the label that a build of ones own gives them.
    ensure!(ours.len() == 4, "{ours:?}");
    for line in ours {
        ensure!(line.ends_with(&format!("${{MESSAGE_DISPATCHER_VERSION:-v{version}}}")), "{line}");
    }
    Ok(())
}

#[test]
fn whoever_runs_every_check_has_the_history_that_one_of_them_needs() -> anyhow::Result<()> {
    let mut runs = 0;
    for file in ["ci.yml", "release.yml"] {
        let workflow = read(&format!(".github/workflows/{file}"))?;
        for job in workflow.split("\n    runs-on: ").filter(|job| job.contains("- run: .ci/run")) {
            ensure!(job.contains("fetch-depth: 0"), "{file}: no history where .ci/run runs");
            runs += 1;
        }
    }
    ensure!(runs == 2, "{runs} jobs run .ci/run, not two");
    Ok(())
}

#[test]
fn actions_are_pinned_by_commit_and_say_which_version_that_is() -> anyhow::Result<()> {
    for file in ["ci.yml", "release.yml", "advisories.yml"] {
        let workflow = read(&format!(".github/workflows/{file}"))?;
        for line in workflow.lines().filter(|line| line.contains("uses: ")) {
            let (_, action) = line.split_once('@').with_context(|| format!("{file}: {line}"))?;
            let (commit, version) = action.split_once(" # v").unwrap_or((action, ""));
            let pinned = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
            ensure!(pinned && !version.is_empty(), "{file}: not pinned by commit: {line}");
        }
    }
    Ok(())
}

/// `45s`, as all of these files write it.
fn seconds(text: &str) -> anyhow::Result<u64> {
    let number = text.strip_suffix('s').with_context(|| format!("{text:?} has no unit"))?;
    Ok(number.parse()?)
}
