//! What a campaign is, and how campaigns are run.

use crate::{
    cli::CommandLine,
    report::{Bill, Report},
};
use futures_util::{FutureExt, future::LocalBoxFuture};
use std::{any::Any, panic::AssertUnwindSafe, process::ExitCode, time::Instant};

/// One campaign.
pub(crate) struct Campaign {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it does, and what must hold.
    pub(crate) shows: &'static str,
    /// How many trials it has in full.
    pub(crate) full: u64,
    /// How many it has in CI; none: it takes too long there.
    pub(crate) ci: u64,
    /// Plays it.
    pub(crate) run: fn(Plan) -> LocalBoxFuture<'static, Report>,
}

/// How to play it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// So many trials.
    pub(crate) count: u64,
    /// From which all its chance comes.
    pub(crate) seed: u64,
    /// In CI, whose checkout may have no history.
    pub(crate) ci: bool,
}

/// Plays them one after the other; fails if one found a violation.
#[expect(clippy::disallowed_methods, reason = "how long a campaign took is worth knowing")]
pub(crate) async fn run_all(chosen: &[&Campaign], command_line: &CommandLine) -> ExitCode {
    let mut failed = Vec::new();
    for campaign in chosen {
        let plan = command_line.plan(campaign);
        let Plan { count, seed, .. } = plan;
        let again =
            format!("cargo xtask chaos --campaign {} --count {count} --seed {seed}", campaign.name);
        println!("\n=== {}: {}\n$ {again}", campaign.name, campaign.shows);
        let start = Instant::now();
        let report = guarded(campaign, plan).await;
        report.print(start.elapsed());
        if report.violations() > 0 {
            println!("VIOLATED. To play it again: {again}");
            failed.push(campaign.name);
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nViolated: {}", failed.join(", "));
    ExitCode::FAILURE
}

/// A campaign that ends in a panic has found something as well.
async fn guarded(campaign: &Campaign, plan: Plan) -> Report {
    AssertUnwindSafe((campaign.run)(plan)).catch_unwind().await.unwrap_or_else(|panic| {
        let mut bill = Bill::of("(all)");
        bill.violations.push(format!("it did not come to its end: {}", text(&*panic)));
        Report::of(vec![bill])
    })
}

/// What a panic says.
fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic")
}
