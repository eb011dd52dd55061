//! T13: the database fails over to its synchronous standby, or loses it.

mod blow;
mod play;
mod writers;

use crate::{
    campaign::{Campaign, Plan},
    report::Report,
};
use dispatcher_testkit::chance::Dice;
use futures_util::FutureExt;
use play::play;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "failover",
    shows: "two PostgreSQL servers, the primary killed at any moment, the standby promoted or away: P1–P4, P6, nobody in doubt",
    full: 200,
    ci: 6,
    run: |plan| run(plan).boxed_local(),
};

/// How replicas send, and how fast.
struct Way {
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    /// Batch and interval, where there are order and pace.
    strict_pace: Option<(usize, Duration)>,
    /// Whether messages come by the API as well, all the time. They are stored at
    /// once by several replicas, so that order says nothing.
    api: bool,
}

const WAYS: [Way; 2] = [
    Way {
        name: "strict, 2 every 100 ms",
        settings: &[("BATCH_SIZE", "2"), ("PROCESSING_INTERVAL", "100ms")],
        strict_pace: Some((2, Duration::from_millis(100))),
        api: false,
    },
    Way {
        name: "no order, 8 in flight, stored by API",
        settings: &[("ORDERING", "none"), ("MAX_IN_FLIGHT", "8"), ("MAX_RATE", "20")],
        strict_pace: None,
        api: true,
    },
];

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let (mut bills, mut figures) = (Vec::new(), Vec::new());
    // The odd one falls to the first.
    let trials = [plan.count.div_ceil(2), plan.count / 2];
    for (way, trials) in WAYS.iter().zip(trials).filter(|(_, trials)| *trials > 0) {
        let (bill, told) = play(way, trials, &mut dice).await;
        bills.push(bill);
        figures.push(format!("{}: {told}", way.name));
    }
    figures.into_iter().fold(Report::of(bills), Report::with)
}
