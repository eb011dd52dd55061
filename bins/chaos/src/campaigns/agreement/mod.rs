//! T6: random operations on the ports leave the same answers and rows behind in
//! every store.
//!
//! The stores are played by the tests of their crates, who alone can look into
//! them and move their clocks; here they are asked for more, and for a bill.

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use anyhow::ensure;
use dispatcher_testkit::process::{Program, Stream};
use futures_util::FutureExt;
use std::{process::Command, time::Duration};

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "agreement",
    shows: "random operations on the ports: PostgreSQL, SQLite and memory end in the same state",
    full: 3000,
    ci: 200,
    run: |plan| run(plan).boxed_local(),
};

/// The crate of each store, beside the memory store that it is compared with.
const STORES: [(&str, &str); 2] =
    [("SQLite", "dispatcher-sqlite"), ("PostgreSQL", "dispatcher-postgres")];
const TEST: &str = "agreement::random_operations_leave_the_same_behind_as_in_memory";
/// Of one sequence, with the machine at its slowest.
const EACH: Duration = Duration::from_secs(20);
/// To compile the tests.
const ONCE: Duration = Duration::from_secs(1800);

async fn run(plan: Plan) -> Report {
    let mut bills = Vec::new();
    for (part, package) in STORES {
        let mut bill = Bill { trials: plan.count, ..Bill::of(part) };
        if let Err(error) = play(package, plan).await {
            bill.violations.push(format!("{error:#}"));
        }
        bills.push(bill);
    }
    Report::of(bills)
}

async fn play(package: &str, Plan { count, seed, .. }: Plan) -> anyhow::Result<()> {
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command
        .args(["test", "--package", package, "--test", "contract", "--", "--exact", TEST])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .env("CAMPAIGN_COUNT", count.to_string())
        .env("CAMPAIGN_SEED", seed.to_string());
    let mut program = Program::spawn(&mut command)?;
    let limit = ONCE + EACH * u32::try_from(count)?;
    let status = program.wait_for_exit(limit).await?;
    let told = program.lines(Stream::Out).join("\n");
    ensure!(status.success(), "{}", difference(&told, &program.lines(Stream::Err).join("\n")));
    ensure!(told.contains("1 passed"), "{package} has no test {TEST}");
    Ok(())
}

/// Where two stores part, and the shortest way there; else all that was said.
fn difference(out: &str, err: &str) -> String {
    let found = out.find("panicked at").map(|at| &out[at..]);
    found.map_or_else(|| format!("{out}\n{err}"), str::to_owned)
}
