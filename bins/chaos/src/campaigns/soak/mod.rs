//! T13: hours of everything at once, and nothing grows.

mod nemesis;

use crate::{
    campaign::{Campaign, Plan},
    limit::{Stopwatch, after},
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    Footprint, LIMIT, Stage, audit::Promise, crashable::Crashable, environment::usual,
    fleet::Fleet, oracle::Books, store::Store,
};
use dispatcher_testkit::{TestRedis, chance::Dice, wait_until};
use futures_util::FutureExt;
use nemesis::Nemesis;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "soak",
    shows: "a random nemesis every 10 s (a trial is such a round): P1–P5; memory and descriptors stay flat",
    full: 2_880,
    ci: 30,
    run: |plan| run(plan).boxed_local(),
};

const EVERY: Duration = Duration::from_secs(10);
const REPLICAS: usize = 3;
/// Messages in a second, about: a load that one machine bears for hours.
const RATE: u64 = 20;
const RECIPIENTS: i32 = 200;
const SETTINGS: &[(&str, &str)] = &[
    ("ORDERING", "recipient"),
    ("MAX_IN_FLIGHT", "8"),
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("RESCUE_GRACE", "0s"),
    ("SHUTDOWN_TIMEOUT", "60s"),
    ("DB_POOL_SIZE", "6"),
];
/// The replica in this place is left alone by those that end processes: it is
/// the one that is measured.
const MEASURED: usize = 0;
/// In its youth a process still grows.
const YOUTH: u64 = 6;
/// How much it may take more than in its youth, in KiB.
const MOST_MEMORY: u64 = 24 * 1024;
const MOST_DESCRIPTORS: usize = 40;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bill = Bill { trials: plan.count, ..Bill::of("3 replicas") };
    let config = Config {
        latency: Duration::from_millis(20),
        jitter: Duration::from_millis(50),
        ignore_idempotency_key: true,
        ..Config::default()
    };
    let stage = Stage::<Crashable>::with(config).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let mut environment = usual(stage.store.variables(), &stage.provider.send_url());
    environment.retain(|(name, _)| name != "REDIS_URL");
    environment.push(("REDIS_URL".to_owned(), redis.url().to_owned()));
    let mut fleet = Fleet::start_in(environment, REPLICAS, SETTINGS).await;
    let (mut stored, mut young) = (0, None);
    for round in 0..plan.count {
        let watch = Stopwatch::start();
        stored = load(&stage, stored).await;
        let nemesis = Nemesis::draw(&mut dice);
        bill.violations
            .extend(nemesis.strike(&stage, &redis, &mut fleet, MEASURED, &mut dice).await);
        stage.end_leases_of_the_cut_off(&fleet.killed).await;
        after(EVERY.saturating_sub(watch.read())).await;
        if round + 1 == YOUTH {
            young = fleet.at(MEASURED).footprint();
        }
    }
    wait_until("all is final", LIMIT, async || {
        stage.end_leases_of_the_cut_off(&fleet.killed).await;
        stage.count("queued").await + stage.count("sending").await == 0
    })
    .await;
    let old = fleet.at(MEASURED).footprint();
    let figures = flat(young, old, &mut bill);
    let killed = std::mem::take(&mut fleet.killed);
    fleet.end().await;
    let books = Books::of(&stage).await;
    bill.add(books.audit(usize::try_from(stored).expect("not negative"), Promise::AtMostOnce));
    bill.add_doubts(books.doubts(&killed));
    Report::of(vec![bill]).with(figures)
}

/// What a round brings.
async fn load(stage: &Stage<Crashable>, stored: i32) -> i32 {
    let more = i32::try_from(RATE * EVERY.as_secs()).expect("few");
    stage.insert_to(stored + 1, more, RECIPIENTS).await;
    stored + more
}

/// A process that has grown up must not go on growing.
fn flat(young: Option<Footprint>, old: Option<Footprint>, bill: &mut Bill) -> String {
    let (Some(young), Some(old)) = (young, old) else {
        return format!("memory and descriptors not compared: that takes Linux and {YOUTH} rounds");
    };
    bill.demand(old.memory <= young.memory + MOST_MEMORY, || {
        format!("memory grew from {} to {} KiB", young.memory, old.memory)
    });
    bill.demand(old.descriptors <= young.descriptors + MOST_DESCRIPTORS, || {
        format!("descriptors grew from {} to {}", young.descriptors, old.descriptors)
    });
    format!(
        "memory {} → {} KiB, descriptors {} → {}",
        young.memory, old.memory, young.descriptors, old.descriptors
    )
}
