//! T1: processes killed between any two steps of the protocol.

mod play;
mod point;

use crate::{
    campaign::{Campaign, Plan},
    report::Report,
};
use dispatcher_stage::{
    audit::Promise,
    store::{Postgres, Sqlite},
};
use dispatcher_testkit::chance::Dice;
use futures_util::FutureExt;
use play::play;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "kill",
    shows: "kill -9 between any two steps: P1–P5, and parked is exactly what died in the window",
    full: 8_400,
    ci: 600,
    run: |plan| run(plan).boxed_local(),
};

/// One in so many kills hits a server that sends from a file.
const ON_A_FILE: u64 = 5;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let on_files = plan.count / ON_A_FILE;
    let mut bills = Vec::new();
    for promise in [Promise::AtMostOnce, Promise::Idempotent, Promise::AtLeastOnce] {
        let kills = (plan.count - on_files).div_ceil(3);
        bills.push(play::<Postgres>(promise, "PostgreSQL", point::POINTS, kills, &mut dice).await);
        let kills = on_files.div_ceil(3);
        bills.push(
            play::<Sqlite>(promise, "SQLite", point::POINTS_OF_A_FILE, kills, &mut dice).await,
        );
    }
    Report::of(bills)
}
