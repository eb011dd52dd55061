//! Set-up and checks of Message Dispatcher in plain cargo: the same on every machine, and in CI.
//!
//! `cargo xtask test` needs only a Rust toolchain and a C compiler: it finds PostgreSQL and Redis, installs
//! them where it may, and runs every test. `cargo xtask ci` is what CI runs.

mod adoption;
mod cargo;
mod chaos;
mod drive;
mod environment;
mod files;
mod fuzz;
mod guards;
mod http;
mod install;
mod machine;
mod mutants;
mod package;
mod promtool;
mod release;
mod services;
mod steps;
mod tests_run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Set-up and checks of Message Dispatcher.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Finds PostgreSQL and Redis (installs them where it may) and runs all tests of the workspace.
    Test {
        /// Passed on to `cargo test`, such as `-p dispatcher-app` or `-- --nocapture`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Runs every check that a change must pass.
    Ci,
    /// Starts the product in its `dev` mode, for real, and uses it once through.
    DriveDev,
    /// Measures how long a Go service's table is locked while it is taken over, and the disk that takes.
    Adoption {
        /// How many rows that table has.
        #[arg(long, default_value_t = 200_000)]
        rows: u64,
    },
    /// Plays campaigns against the delivery promises: kills, outages, faults, storms, simulations.
    Chaos {
        /// `--campaign NAME --count N --seed N`, `--ci`, `--list`; the default is all of them in full size.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Lets libFuzzer look for bytes that break what reads a stranger's bytes; installs cargo-fuzz.
    Fuzz {
        /// Which target of `fuzz/fuzz_targets`; `all` takes one after the other.
        #[arg(long, default_value = "all")]
        target: String,
        /// How many inputs each gets.
        #[arg(long, default_value_t = 1_000_000)]
        runs: u64,
        /// Repeats an earlier run, given the same `fuzz/corpus`.
        #[arg(long, default_value_t = 7)]
        seed: u32,
    },
    /// Changes the rules of domain and app one line at a time, and runs their tests; installs cargo-mutants.
    Mutants {
        /// Passed on to `cargo mutants`, such as `-p dispatcher-domain` or `--list`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Takes the guards out of the code, one or two at a time, and sees whether somebody notices.
    Guards(guards::Options),
    /// Has promtool look at the metrics of the `dev` mode; installs promtool where it may.
    Promtool,
    /// Checks what is not Rust: images, manifests, workflows, scripts, spelling, licences of dependencies.
    Files,
    /// Builds the published crates as crates.io would.
    Package,
    /// Makes a release out of the current commit: versions, changelog, commit, tag. Pushes nothing.
    Release {
        /// The tag, such as v1.2.3.
        tag: String,
        /// Only shows what would be changed.
        #[arg(long)]
        dry_run: bool,
    },
    /// Prints what the changelog says about a version, if the code is of that version.
    ReleaseNotes {
        /// The tag, such as v1.2.3.
        tag: String,
    },
}

fn main() -> ExitCode {
    let result = match CommandLine::parse().task {
        Task::Test { args } => tests_run::run(&args),
        Task::Ci => steps::run_all(),
        Task::DriveDev => drive::run(),
        Task::Adoption { rows } => adoption::run(rows),
        Task::Chaos { args } => chaos::run(&args),
        Task::Fuzz { target, runs, seed } => fuzz::run(&target, runs, seed),
        Task::Mutants { args } => mutants::run(&args),
        Task::Guards(options) => guards::run(&options),
        Task::Promtool => drive::check_metrics(),
        Task::Files => files::run(),
        Task::Package => package::run(),
        Task::Release { tag, dry_run } => release::run(&tag, dry_run),
        Task::ReleaseNotes { tag } => release::notes(&tag),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
