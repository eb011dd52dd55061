//! T7: every state of the protocol, in scope after scope.

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use dispatcher_model::{Guards, LARGE, QUICK, check};
use futures_util::FutureExt;
use std::thread;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "model",
    shows: "the protocol as a model, every state of which is visited: P1–P8 in each; so many states at least",
    full: 10_000_000,
    ci: 3_000_000,
    run: |plan| async move { run(plan) }.boxed_local(),
};

/// Visits scopes until there were enough states. Nothing in it is left to chance.
fn run(plan: Plan) -> Report {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (mut bills, mut visited) = (Vec::new(), 0);
    for scope in QUICK.iter().chain(LARGE) {
        if visited >= plan.count {
            break;
        }
        let report = check(*scope, Guards::all(), threads);
        let mut bill = Bill { trials: report.states as u64, ..Bill::of(scope.name) };
        bill.violations.extend(report.violation.map(|violation| violation.to_string()));
        visited += bill.trials;
        bills.push(bill);
    }
    let enough = visited >= plan.count;
    let figures = format!("{visited} distinct states");
    let report = Report::of(bills).with(figures);
    if enough { report } else { report.with("there are no more scopes, and so no more states") }
}
