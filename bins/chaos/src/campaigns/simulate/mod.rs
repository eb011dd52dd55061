//! T5: the whole dispatcher in virtual time, schedule after schedule.

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use dispatcher_simulation as simulation;
use futures_util::FutureExt;
use std::thread;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "simulate",
    shows: "the use cases in virtual time, a crash, freeze or fault at any turn: P1–P8 after every turn",
    full: 1_000_000,
    ci: 100_000,
    run: |plan| async move { run(plan) }.boxed_local(),
};

/// Of what went wrong more than this helps nobody.
const SHOWN: usize = 3;

/// What came of some schedules.
#[derive(Default)]
struct Tally {
    bill: Bill,
    crashes: usize,
    freezes: usize,
}

fn run(plan: Plan) -> Report {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let part = |first| scope.spawn(move || play(plan, first, threads));
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts.into_iter().map(|part| part.join().expect("a part that ends")).collect()
    });
    let mut all = Tally { bill: Bill::of("schedules"), ..Tally::default() };
    for Tally { bill, crashes, freezes } in tallies {
        all.bill.trials += bill.trials;
        all.bill.sent += bill.sent;
        all.bill.parked += bill.parked;
        all.bill.violations.extend(bill.violations);
        all.crashes += crashes;
        all.freezes += freezes;
    }
    let figures = format!("{} crashes, {} freezes", all.crashes, all.freezes);
    Report::of(vec![all.bill]).with(figures)
}

/// Every `of`th schedule, beginning with this one.
fn play(plan: Plan, first: u64, of: u64) -> Tally {
    let mut tally = Tally::default();
    for number in (first..plan.count).step_by(usize::try_from(of).unwrap_or(1)) {
        tally.bill.trials += 1;
        match simulation::run(plan.seed.wrapping_add(number)) {
            Ok(report) => {
                tally.bill.sent += report.accepted;
                tally.bill.parked += report.parked;
                tally.crashes += report.crashes;
                tally.freezes += report.freezes;
            }
            Err(violation) if tally.bill.violations.len() < SHOWN => {
                tally.bill.violations.push(violation.to_string());
            }
            Err(violation) => tally.bill.violations.push(format!("seed {}", violation.seed)),
        }
    }
    tally
}
