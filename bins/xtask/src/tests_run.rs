//! `cargo xtask test`: all tests, against real services.

use crate::{cargo, services};

/// Runs `cargo test` for the workspace, or for the packages that `args` choose, with services at hand.
pub(crate) fn run(args: &[String]) -> anyhow::Result<()> {
    let postgres = services::prepare()?;
    let mut command = cargo::command(&["test", "--no-fail-fast"]);
    if !chooses_packages(args) {
        // Plain `cargo test` would test the default member only.
        command.arg("--workspace");
    }
    command.args(args);
    if let Some(url) = postgres.url() {
        command.env("TEST_DATABASE_URL", url);
    }
    cargo::run_command(command)
}

/// What follows `--` is for the test programs, not for cargo.
fn chooses_packages(args: &[String]) -> bool {
    let choice = |arg: &String| {
        arg.starts_with("-p")
            || arg.starts_with("--package")
            || arg == "--workspace"
            || arg == "--all"
    };
    args.iter().take_while(|arg| *arg != "--").any(choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chooses(line: &str) -> bool {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        chooses_packages(&args)
    }

    #[test]
    fn a_package_on_the_command_line_replaces_the_workspace() {
        assert!(chooses("-p dispatcher-app"));
        assert!(chooses("--package=dispatcher-app --doc"));
        assert!(!chooses("--doc"));
        assert!(!chooses("a_name -- -p"));
    }
}
