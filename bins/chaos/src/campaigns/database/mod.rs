//! T2: the database crashes, Redis dies or forgets, or both.

use crate::{
    campaign::{Campaign, Plan},
    campaigns::supply::Supply,
    limit::after,
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage, audit::Promise, crashable::Crashable, environment::usual, fleet::Fleet,
    oracle::Books, store::Store,
};
use dispatcher_testkit::{TestRedis, chance::Dice};
use futures_util::FutureExt;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "database",
    shows: "PostgreSQL stopped at once and started again, Redis killed, flushed: P1–P4, P6, no POST without a START",
    full: 700,
    ci: 50,
    run: |plan| run(plan).boxed_local(),
};

/// How replicas send, and how fast.
struct Way {
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    /// Batch and interval, where there are order and pace.
    strict_pace: Option<(usize, Duration)>,
}

const WAYS: [Way; 2] = [
    Way {
        name: "strict, 2 every 100 ms",
        settings: &[("BATCH_SIZE", "2"), ("PROCESSING_INTERVAL", "100ms")],
        strict_pace: Some((2, Duration::from_millis(100))),
    },
    Way {
        name: "no order, 8 in flight",
        settings: &[("ORDERING", "none"), ("MAX_IN_FLIGHT", "8")],
        strict_pace: None,
    },
];

/// No stall of the machine ends a lease; and whoever does not know whether its
/// claim was committed looks for it no longer than this, also at its end.
const PATIENCE: [(&str, &str); 3] =
    [("SEND_TIMEOUT", "20s"), ("LEASE", "25s"), ("SHUTDOWN_TIMEOUT", "60s")];
const REPLICAS: usize = 3;
const RECIPIENTS: i32 = 40;
const QUEUED: i64 = 60;
const MORE: i32 = 150;
/// A server is away for less than this: its own recovery comes on top.
const AWAY: usize = 400_000;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bills = Vec::new();
    for way in &WAYS {
        bills.push(play(way, plan.count.div_ceil(2), &mut dice).await);
    }
    Report::of(bills)
}

async fn play(way: &Way, trials: u64, dice: &mut Dice) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(way.name) };
    let (latency, jitter) = (Duration::from_millis(5), Duration::from_millis(20));
    // A second SMS would show: this provider knows no keys.
    let config = Config { latency, jitter, ignore_idempotency_key: true, ..Config::default() };
    let stage = Stage::<Crashable>::with(config).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let mut environment = usual(stage.store.variables(), &stage.provider.send_url());
    environment.retain(|(name, _)| name != "REDIS_URL");
    environment.push(("REDIS_URL".to_owned(), redis.url().to_owned()));
    let fleet = Fleet::start_in(environment, REPLICAS, &[&PATIENCE, way.settings].concat()).await;
    let mut supply = Supply::of(QUEUED, MORE, RECIPIENTS);
    for _ in 0..trials {
        supply.top_up(&stage).await;
        let posts = stage.provider.requests().len();
        let goes_on = stage.provider.wait_for_requests(posts + 1 + dice.below(5), LIMIT).await;
        bill.demand(goes_on.is_ok(), || "sending does not go on after an outage".to_owned());
        if goes_on.is_err() {
            break;
        }
        pause(dice, 30_000).await;
        trouble(&stage, &redis, dice).await;
    }
    bill.violations.extend(supply.each_goes_on(&stage, &fleet).await);
    stage.until_all_are_final().await;
    // In order: what they had to write is written.
    fleet.end().await;
    let books = Books::of(&stage).await;
    bill.add(books.audit(supply.stored(), Promise::AtMostOnce));
    // Every replica lived, and every lease was long enough.
    bill.add_doubts(books.doubts(&[]));
    if let Some((batch, period)) = way.strict_pace {
        bill.violations.extend(books.queue_order_broken());
        bill.violations.extend(books.pace_broken_by_starts(batch, period));
        bill.violations.extend(books.pace_broken_by_arrivals(batch, period));
    }
    bill
}

/// One of the outages, and its end.
async fn trouble(stage: &Stage<Crashable>, redis: &TestRedis, dice: &mut Dice) {
    let (database, cache, forgets) = match dice.below(5) {
        0 | 1 => (true, false, false),
        2 => (false, true, false),
        3 => (true, true, false),
        _ => (false, false, true),
    };
    if forgets {
        redis.flush().await.expect("it forgets");
    }
    if cache {
        redis.kill().await.expect("it dies");
    }
    if database {
        stage.store.postgres.stop_immediate().await.expect("it stops");
    }
    pause(dice, AWAY).await;
    if database {
        stage.store.postgres.start_again().await.expect("it starts again");
    }
    if cache {
        redis.start_again().await.expect("it starts again");
    }
}

/// At most so many microseconds.
async fn pause(dice: &mut Dice, micros: usize) {
    after(Duration::from_micros(dice.below(micros) as u64)).await;
}
