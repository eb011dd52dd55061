//! A rolling upgrade: replicas of the version before and of this one on one
//! database, whose schema is made newer under those that are older.

mod before;
mod play;

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use before::Before;
use dispatcher_stage::audit::Promise;
use dispatcher_testkit::chance::Dice;
use futures_util::FutureExt;
use play::play;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "upgrade",
    shows: "this version and the one before on one database, migrated under it, killed, paused, stopped and started: P1–P8",
    full: 400,
    ci: 20,
    run: |plan| run(plan).boxed_local(),
};

/// How replicas send, and what is promised then.
struct Way {
    name: &'static str,
    promise: Promise,
    settings: &'static [(&'static str, &'static str)],
    order: Order,
    /// Batch and interval, where there is a pace.
    pace: Option<(usize, Duration)>,
}

/// Whose messages start in the order of the queue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    OfAll,
    OfEachRecipient,
    None,
}

const WAYS: [Way; 4] = [
    Way {
        name: "strict, 2 every 50 ms",
        promise: Promise::AtMostOnce,
        settings: &[("BATCH_SIZE", "2"), ("PROCESSING_INTERVAL", "50ms")],
        order: Order::OfAll,
        pace: Some((2, Duration::from_millis(50))),
    },
    Way {
        name: "recipient, 4 in flight",
        promise: Promise::AtMostOnce,
        settings: &[("ORDERING", "recipient"), ("MAX_IN_FLIGHT", "4")],
        order: Order::OfEachRecipient,
        pace: None,
    },
    Way {
        name: "none, idempotent provider",
        promise: Promise::Idempotent,
        settings: &[("ORDERING", "none"), ("MAX_IN_FLIGHT", "4")],
        order: Order::None,
        pace: None,
    },
    Way {
        name: "none, at_least_once",
        promise: Promise::AtLeastOnce,
        settings: &[("ORDERING", "none"), ("MAX_IN_FLIGHT", "4")],
        order: Order::None,
        pace: None,
    },
];

async fn run(plan: Plan) -> Report {
    if plan.ci && !before::is_in_history() {
        println!("NOT PLAYED: this checkout has no history, and so no version before");
        return Report::of(vec![Bill::of("not played")]);
    }
    let before = Before::build().expect("the version before");
    let mut dice = Dice::of(plan.seed);
    let mut bills = Vec::new();
    for way in &WAYS {
        bills.push(play(way, &before, plan.count.div_ceil(WAYS.len() as u64), &mut dice).await);
    }
    Report::of(bills)
}
