//! Who may use whom. Reads the manifests, and explains the rule that it finds broken.

use anyhow::{Context, ensure};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

/// Crates of ours that a crate may depend on in production code, with the reason to tell whoever breaks the rule.
struct Rule {
    of: &'static str,
    may_use: &'static [&'static str],
    because: &'static str,
}

const ADAPTER: &[&str] = &["domain"];
/// One that brings tables, too.
const DATABASE: &[&str] = &["domain", "schema"];
const ADAPTER_BECAUSE: &str = "an adapter serves other services too: it knows the domain and its own driver, no other adapter, no use case";

const RULES: &[Rule] = &[
    Rule { of: "domain", may_use: &[], because: "the domain is pure: it knows nobody" },
    Rule {
        of: "app",
        may_use: &["domain"],
        because: "use cases see the outside world through ports only",
    },
    Rule { of: "postgres", may_use: DATABASE, because: ADAPTER_BECAUSE },
    Rule { of: "sqlite", may_use: DATABASE, because: ADAPTER_BECAUSE },
    Rule { of: "redis", may_use: ADAPTER, because: ADAPTER_BECAUSE },
    Rule { of: "memory", may_use: ADAPTER, because: ADAPTER_BECAUSE },
    Rule { of: "http-gateway", may_use: ADAPTER, because: ADAPTER_BECAUSE },
    Rule { of: "prometheus", may_use: ADAPTER, because: ADAPTER_BECAUSE },
    Rule {
        of: "api",
        may_use: &["domain", "app"],
        because: "the API calls use cases, never an adapter",
    },
    Rule { of: "settings", may_use: &["domain"], because: "settings know values, no adapter" },
    Rule { of: "schema", may_use: &[], because: "migrations are values, for any database" },
    Rule {
        of: "contract",
        may_use: &["domain"],
        because: "the suites are for adapters that we do not know",
    },
    Rule {
        of: "fuzzing",
        may_use: &["api", "app", "domain", "http-gateway", "memory", "redis", "settings"],
        because: "it attacks what reads a stranger's bytes, and nothing else",
    },
    Rule { of: "testkit", may_use: &[], because: "it starts servers and knows nothing of ours" },
    Rule {
        of: "simulation",
        may_use: &["app", "domain", "memory"],
        because: "it plays the use cases over fakes, in no real time",
    },
    Rule {
        of: "model",
        may_use: &["domain"],
        because: "it asks the domain for every decision, and plays the rest with numbers",
    },
    Rule {
        of: "stage",
        may_use: &["domain", "mock-provider", "postgres", "settings", "sqlite", "testkit"],
        because: "it plays on the programs from outside: linked in, it could not kill them",
    },
    Rule {
        of: "chaos",
        may_use: &["mock-provider", "model", "simulation", "stage", "testkit"],
        because: "it attacks the programs that ship, and is linked to none of them",
    },
    Rule { of: "mock-provider", may_use: &[], because: "it is the outside world" },
    Rule {
        of: "xtask",
        may_use: &["testkit"],
        because: "it must build in seconds, before anything else",
    },
    Rule {
        of: "wiring",
        may_use: &["settings", "postgres", "sqlite"],
        because: "it translates settings for programs, and holds no rule",
    },
    Rule {
        of: "migrate",
        may_use: &["postgres", "schema", "settings", "sqlite", "wiring"],
        because: "it migrates, nothing else",
    },
    Rule {
        of: "order-notices",
        may_use: &["domain", "postgres", "redis"],
        because: "it shows that adapters serve other services on their own",
    },
    Rule {
        of: "server",
        may_use: &[
            "api",
            "app",
            "domain",
            "http-gateway",
            "memory",
            "mock-provider",
            "postgres",
            "prometheus",
            "redis",
            "settings",
            "sqlite",
            "wiring",
        ],
        because: "test tools do not ship",
    },
];

/// What the pure crate must not know, directly or not at all.
const IMPURE: &[&str] =
    &["tokio", "serde", "serde_json", "anyhow", "tracing", "reqwest", "actix-web", "rand"];

/// A second TLS stack: see docs/adr/0005-one-tls-stack.md.
const OTHER_TLS: &[&str] = &["openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"];

#[test]
fn crates_use_only_whom_they_may() -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    let ruled: BTreeSet<_> = RULES.iter().map(|rule| rule.of).collect();
    for name in workspace.dependencies.keys() {
        ensure!(
            ruled.contains(name.as_str()),
            "{name} has no rule: add one to bins/xtask/tests/architecture.rs"
        );
    }
    for rule in RULES {
        let used =
            workspace.dependencies.get(rule.of).with_context(|| format!("{} is gone", rule.of))?;
        for used in used.iter().filter_map(|used| used.strip_prefix("dispatcher-")) {
            ensure!(
                rule.may_use.contains(&used),
                "{} must not use {used}: {}",
                rule.of,
                rule.because
            );
        }
    }
    Ok(())
}

#[test]
fn the_domain_is_pure() -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    for impure in IMPURE {
        let used = workspace.dependencies["domain"].contains(*impure);
        ensure!(!used, "the domain must not use {impure}: it does no I/O and keeps no format");
    }
    Ok(())
}

#[test]
fn only_one_tls_stack_is_in_the_tree() -> anyhow::Result<()> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    for other in OTHER_TLS {
        let found = lock.contains(&format!("name = \"{other}\"\n"));
        ensure!(
            !found,
            "{other} is in Cargo.lock: rustls with ring is the one TLS stack (docs/adr/0005)"
        );
    }
    Ok(())
}

#[test]
fn only_the_wiring_of_the_server_names_adapters() -> anyhow::Result<()> {
    let adapters = [
        "dispatcher_postgres",
        "dispatcher_sqlite",
        "dispatcher_redis",
        "dispatcher_memory",
        "dispatcher_http_gateway",
        "dispatcher_prometheus",
    ];
    let wiring = root().join("bins/server/src/wiring");
    let mut folders = vec![root().join("bins/server/src")];
    let mut wired = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path)?;
            let named = adapters.iter().find(|adapter| source.contains(*adapter));
            let is_wiring = path.starts_with(&wiring);
            wired += usize::from(is_wiring && named.is_some());
            ensure!(
                is_wiring || named.is_none(),
                "{} names {named:?}: only wiring/ may",
                path.display()
            );
        }
    }
    ensure!(wired > 0, "no file of wiring/ names an adapter: this test looks in the wrong place");
    Ok(())
}

#[test]
fn the_map_knows_every_crate() -> anyhow::Result<()> {
    let map = std::fs::read_to_string(root().join("docs/architecture.md"))?;
    for name in Workspace::read()?.dependencies.keys() {
        ensure!(map.contains(&format!("{name}/")), "docs/architecture.md does not know {name}/");
    }
    Ok(())
}

/// For each crate of ours, by folder name, the names of what it uses in production code.
struct Workspace {
    dependencies: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    fn read() -> anyhow::Result<Self> {
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(root())
            .output()?;
        ensure!(
            output.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let packages = metadata["packages"].as_array().context("no packages")?;
        Ok(Self { dependencies: packages.iter().map(package).collect::<anyhow::Result<_>>()? })
    }
}

fn package(package: &Value) -> anyhow::Result<(String, BTreeSet<String>)> {
    let name = package["name"].as_str().context("a package without a name")?;
    let folder = name
        .strip_prefix("dispatcher-")
        .with_context(|| format!("{name}: must be dispatcher-<folder>"))?;
    let manifest = package["manifest_path"].as_str().context("a package without a manifest")?;
    let lies_there = Path::new(manifest).ends_with(Path::new(folder).join("Cargo.toml"));
    ensure!(lies_there, "{name} lies in {manifest}: the folder names the package");
    let dependencies = package["dependencies"].as_array().context("no dependencies")?;
    let used = dependencies
        .iter()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned));
    Ok((folder.to_owned(), used.collect()))
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
