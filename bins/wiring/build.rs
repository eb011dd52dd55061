//! Tells the code its commit and build time, and does without either. Also the build script of the mock provider, which
//! uses no crate of ours.

use std::{path::Path, process::Command};

const ROOT: &str = "../..";
const UNKNOWN: &str = "unknown";

fn main() {
    println!("cargo:rerun-if-changed=../wiring/build.rs");
    let commit = variable("GIT_COMMIT").or_else(head).unwrap_or_else(|| UNKNOWN.to_owned());
    println!("cargo:rustc-env=DISPATCHER_GIT_COMMIT={commit}");
    // A change of SOURCE_DATE_EPOCH makes crates with C code compile anew; whoever has them built already says
    // BUILD_EPOCH instead (deploy/Dockerfile).
    let epoch = variable("BUILD_EPOCH").or_else(|| variable("SOURCE_DATE_EPOCH"));
    let time = epoch.and_then(|seconds| rfc3339(&seconds));
    let time = time.unwrap_or_else(|| UNKNOWN.to_owned());
    println!("cargo:rustc-env=DISPATCHER_BUILD_TIME={time}");
}

#[expect(clippy::disallowed_methods, reason = "this is the build; no program reads these")]
fn variable(name: &str) -> Option<String> {
    println!("cargo:rerun-if-env-changed={name}");
    // Its end would end the instruction to cargo.
    let value = std::env::var(name).ok()?.lines().next()?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// The commit checked out. `None` without git, or where our sources lie inside
/// somebody else's repository.
fn head() -> Option<String> {
    if !Path::new(ROOT).join(".git").exists() {
        return None;
    }
    // `logs/HEAD` grows with each commit; `HEAD` itself names only the branch.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            let path = Path::new(ROOT).join(path);
            if path.exists() {
                println!("cargo:rerun-if-changed={}", path.display());
            }
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(ROOT).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn rfc3339(seconds: &str) -> Option<String> {
    Some(jiff::Timestamp::from_second(seconds.parse().ok()?).ok()?.to_string())
}
