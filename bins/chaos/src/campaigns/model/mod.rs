//! The protocol as a model: every state of one scope after the other, and what
//! the model sees when rules are taken away.

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use dispatcher_model::{Guard, Guards, LARGE, QUICK, check, must_be_found, pairs, without};
use futures_util::FutureExt;
use std::thread;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "model",
    shows: "every state of a model of the protocol keeps P1–P8 (trials are states, scope by scope \
            up to the count); from 10,000,000 on also: without any one or two of its rules, none does",
    full: 30_000_000,
    ci: 1_000_000,
    run: |plan| async move { run(plan) }.boxed_local(),
};

/// From so many states on it is asked as well what the model sees.
const BY_HAND: u64 = 10_000_000;

/// More need more memory at once, and wait for each other.
const THREADS: usize = 2;

fn run(plan: Plan) -> Report {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let mut bills = Vec::new();
    let (mut states, mut steps, mut deepest) = (0_u64, 0_u64, 0);
    for scope in QUICK.iter().chain(LARGE) {
        if states >= plan.count {
            break;
        }
        let report = check(*scope, Guards::all(), threads);
        let mut bill = Bill::of(scope.name);
        bill.trials = report.states as u64;
        bill.violations.extend(report.violation.map(|violation| violation.to_string()));
        states += bill.trials;
        steps += report.steps as u64;
        deepest = deepest.max(report.depth);
        bills.push(bill);
    }
    let too_few = (states < plan.count).then_some("; there are no more scopes");
    let figures = format!(
        "{states} distinct states, {steps} steps, up to {deepest} deep{}",
        too_few.unwrap_or_default()
    );
    if plan.count >= BY_HAND {
        let alone = Guard::ALL.map(|guard| [guard; 2]).to_vec();
        bills.push(taken_away("one rule taken away", alone));
        bills.push(taken_away("two rules taken away", pairs()));
    }
    Report::of(bills).with(figures)
}

/// A protocol without these rules must break a promise, unless others stand
/// behind each of them.
fn taken_away(part: &str, removed: Vec<[Guard; 2]>) -> Bill {
    let mut bill = Bill::of(part);
    for pair in removed {
        bill.trials += 1;
        let is_found = without(pair).violation.is_some();
        let [first, second] = pair;
        bill.demand(is_found == must_be_found(pair), || {
            format!("without {first} and {second}: is a promise broken? {is_found}")
        });
    }
    bill
}
