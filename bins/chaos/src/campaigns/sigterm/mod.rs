//! T10: asked to end at any moment, a replica finishes what it has begun.

use crate::{
    campaign::{Campaign, Plan},
    limit::Stopwatch,
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage,
    audit::Promise,
    fleet::Fleet,
    oracle::Books,
    store::{Postgres, Sqlite, Store},
};
use dispatcher_testkit::chance::Dice;
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::HashSet, time::Duration};

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "sigterm",
    shows: "SIGTERM at any moment under load: nothing parked, no new claim, exit code 0, in time",
    full: 500,
    ci: 30,
    run: |plan| run(plan).boxed_local(),
};

const SETTINGS: &[(&str, &str)] = &[
    ("ORDERING", "none"),
    ("MAX_IN_FLIGHT", "8"),
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("SHUTDOWN_TIMEOUT", "30s"),
];
/// The provider answers long before.
const IN_TIME: Duration = Duration::from_secs(30);
const REPLICAS: usize = 3;
const MORE: i32 = 60;
/// The claim that was under way when it was asked to end, and one that began
/// while it wrote so into its log.
const MOST_CLAIMS: usize = 2;
/// One in so many hits a server that sends from a file.
const ON_A_FILE: u64 = 5;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let on_files = plan.count / ON_A_FILE;
    Report::of(vec![
        play::<Postgres>("PostgreSQL", plan.count - on_files, &mut dice).await,
        play::<Sqlite>("SQLite", on_files, &mut dice).await,
    ])
}

async fn play<S: Store>(part: &str, trials: u64, dice: &mut Dice) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(part) };
    let config = Config {
        latency: Duration::from_millis(30),
        jitter: Duration::from_millis(50),
        ignore_idempotency_key: true,
        ..Config::default()
    };
    let stage = Stage::<S>::with(config).await;
    let mut fleet = Fleet::start(&stage, REPLICAS, SETTINGS).await;
    let (mut stored, mut under_way, mut slowest) = (0, 0, Duration::ZERO);
    let mut asked = Vec::new();
    for _ in 0..trials {
        let post = stage.post_to_come(dice);
        stage.insert(stored + 1, MORE).await;
        stored += MORE;
        stage.random_moment(dice, post).await;
        under_way += stage.count("sending").await;
        let watch = Stopwatch::start();
        let (name, log) = fleet.restart(dice.below(fleet.size())).await;
        asked.push((name, asked_at(&log)));
        slowest = slowest.max(watch.read());
    }
    bill.demand(slowest < IN_TIME, || format!("the slowest end and start took {slowest:?}"));
    bill.demand(trials == 0 || under_way > 0, || "nothing was ever under way".to_owned());
    let all = usize::try_from(stored).expect("not negative");
    let sent = stage.provider.wait_for_accepted(all, LIMIT).await;
    bill.demand(sent.is_ok(), || "not all were sent in the end".to_owned());
    stage.until_all_are_final().await;
    fleet.end().await;
    let books = Books::of(&stage).await;
    bill.add(books.audit(all, Promise::AtMostOnce));
    // Nobody was killed.
    bill.add_doubts(books.doubts(&[]));
    for (name, at) in &asked {
        let claims = claims_since(&books, name, *at);
        bill.demand(claims <= MOST_CLAIMS, || format!("{name} claimed {claims} times after {at}"));
    }
    bill
}

/// When the replica with this log heard that it shall end.
fn asked_at(log: &str) -> Timestamp {
    let line = log.lines().find(|line| line.contains("stopping: no new sends"));
    let line: Value = serde_json::from_str(line.expect("it says so")).expect("a JSON line");
    line["timestamp"].as_str().expect("a time").parse().expect("a time")
}

/// How often this one has begun sends since; those of one claim have one time.
fn claims_since(books: &Books, name: &str, asked_at: Timestamp) -> usize {
    let its = books.attempts.iter().filter(|attempt| attempt.instance == name);
    let times = its.map(|attempt| attempt.started_at).filter(|at| *at > asked_at);
    times.collect::<HashSet<_>>().len()
}
