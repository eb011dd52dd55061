//! T8: the pace, through pauses, kills, restarts, and storms of start and stop.

pub(super) mod storm;

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{Stage, audit::Promise, fleet::Fleet, oracle::Books, store::Postgres};
use dispatcher_testkit::chance::Dice;
use futures_util::FutureExt;
use std::time::Duration;
use storm::{Silence, storm};

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "cadence",
    shows: "5 replicas, paused, killed, restarted, started and stopped, 2 every 50 ms: P6 and P8 in every window",
    full: 20_000,
    ci: 2_000,
    run: |plan| run(plan).boxed_local(),
};

const REPLICAS: usize = 5;
const BATCH: usize = 2;
const PERIOD: Duration = Duration::from_millis(50);
const SETTINGS: &[(&str, &str)] = &[
    ("BATCH_SIZE", "2"),
    ("PROCESSING_INTERVAL", "50ms"),
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("RESCUE_GRACE", "0s"),
    ("DB_POOL_SIZE", "3"),
];
/// Never so few are queued that a tick finds nothing.
const QUEUED: i64 = 30;
const MORE: i32 = 100;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let ticks = plan.count.div_ceil(2);
    Report::of(vec![
        play("none is paused", ticks, false, &mut dice).await,
        play("some are paused and killed", ticks, true, &mut dice).await,
    ])
}

/// Until there have been so many batches.
async fn play(part: &str, ticks: u64, harm: bool, dice: &mut Dice) -> Bill {
    let mut bill = Bill::of(part);
    let config = Config {
        jitter: Duration::from_millis(5),
        ignore_idempotency_key: true,
        ..Config::default()
    };
    let stage = Stage::<Postgres>::with(config).await;
    let mut fleet = Fleet::start(&stage, REPLICAS, SETTINGS).await;
    let (mut stored, mut silences) = (0, Vec::<Silence>::new());
    let sends = usize::try_from(ticks).expect("a count") * BATCH;
    while stage.provider.requests().len() < sends {
        if stage.count("queued").await < QUEUED {
            stage.insert(stored + 1, MORE).await;
            stored += MORE;
        }
        silences.extend(storm(&stage, &mut fleet, harm, dice).await);
        stage.end_leases_of_the_cut_off(&fleet.killed).await;
    }
    bill.trials = (stage.provider.requests().len() / BATCH) as u64;
    fleet.at(0).messaging("start").await;
    until_final(&stage, &fleet).await;
    let killed = std::mem::take(&mut fleet.killed);
    fleet.end().await;
    let books = Books::of(&stage).await;
    let stored = usize::try_from(stored).expect("not negative");
    bill.add(books.audit(stored, Promise::AtMostOnce));
    bill.add_doubts(books.doubts(&killed));
    bill.violations.extend(books.pace_broken_by_starts(BATCH, PERIOD));
    if !harm {
        bill.violations.extend(books.pace_broken_by_arrivals(BATCH, PERIOD));
    }
    bill.violations.extend(silences.iter().filter_map(|silence| silence.broken(harm)));
    bill
}

async fn until_final(stage: &Stage<Postgres>, fleet: &Fleet) {
    dispatcher_testkit::wait_until("all is final", dispatcher_stage::LIMIT, async || {
        stage.end_leases_of_the_cut_off(&fleet.killed).await;
        stage.count("queued").await + stage.count("sending").await == 0
    })
    .await;
}
