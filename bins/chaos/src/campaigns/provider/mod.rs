//! T4: a provider that misbehaves, under each policy.

mod cases;
mod play;
mod tls;

use crate::{
    campaign::{Campaign, Plan},
    report::Report,
};
use dispatcher_stage::audit::Promise;
use dispatcher_testkit::chance::Dice;
use futures_util::{FutureExt, future::join_all};
use play::play;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "provider",
    shows: "every misbehaviour of a provider × policy: status, reason, number of POSTs; memory bounded",
    full: 2_000,
    ci: 100,
    run: |plan| run(plan).boxed_local(),
};

/// Side by side: most of a trial is waiting for a time-out.
const STAGES: u64 = 3;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bills = Vec::new();
    for promise in [Promise::AtMostOnce, Promise::Idempotent, Promise::AtLeastOnce] {
        let trials = plan.count.div_ceil(3 * STAGES);
        let dice: Vec<Dice> = (0..STAGES).map(|_| dice.another()).collect();
        let played =
            join_all(dice.into_iter().zip(0..).map(|(dice, stage)| {
                play(promise, trials, cases::part(stage, STAGES, promise), dice)
            }))
            .await;
        bills.extend(played);
        bills.push(tls::play(promise).await);
    }
    Report::of(bills)
}
