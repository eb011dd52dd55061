//! T8, at the door: a stop that meets a START between any two of its steps.
//!
//! The storms of `cadence` seldom hit the few microseconds in which a START has
//! been let in and has not committed. Here its line stands still in them.

use crate::{
    campaign::{Campaign, Plan},
    campaigns::crew::{Crew, Member},
    limit::{after, within},
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    Stage,
    audit::Promise,
    begun::Begun,
    oracle::Books,
    store::Postgres,
    tap::{Edge, Moment, Progress, Step},
};
use dispatcher_testkit::{TestRedis, chance::Dice};
use futures_util::FutureExt;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "stop",
    shows: "a stop that meets a START at each of its steps: it waits for it, and P8 holds from its answer on",
    full: 1_000,
    ci: 60,
    run: |plan| run(plan).boxed_local(),
};

/// With a pace STARTs meet at the control row, without one at the gate.
const WAYS: [(&str, &[(&str, &str)]); 3] = [
    ("strict, 1 every 10 ms", &[("BATCH_SIZE", "1"), ("PROCESSING_INTERVAL", "10ms")]),
    ("no order", &[("ORDERING", "none"), ("MAX_IN_FLIGHT", "1")]),
    ("recipient", &[("ORDERING", "recipient"), ("MAX_IN_FLIGHT", "1")]),
];
const MOMENTS: [Moment; 4] = [
    Moment::Commit(Step::Claim, Edge::Before),
    Moment::Commit(Step::Claim, Edge::Unanswered),
    Moment::Post(Progress::Nothing),
    Moment::Commit(Step::Completion, Edge::Before),
];
const SETTINGS: &[(&str, &str)] = &[("SEND_TIMEOUT", "20s"), ("LEASE", "25s")];
/// Of one at a time each: while the line of one stands still, no other send
/// keeps the stop waiting for long.
const REPLICAS: usize = 2;
const QUEUED: i64 = 20;
const MORE: i32 = 60;
const RECIPIENTS: i32 = 40;
/// How long a moment is waited for, at most.
const PATIENT: Duration = Duration::from_secs(60);
/// The line stands still for at least this long after the stop was asked for,
/// in milliseconds: long enough for a stop that waits for nobody to answer.
const STILL: usize = 100;
/// How long nothing must begin, in milliseconds.
const SILENCE: i32 = 50;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bills = Vec::new();
    for (name, settings) in WAYS {
        bills.push(play(name, settings, plan.count.div_ceil(3), &mut dice).await);
    }
    Report::of(bills)
}

async fn play(
    name: &str,
    settings: &[(&'static str, &'static str)],
    trials: u64,
    dice: &mut Dice,
) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(name) };
    let config = Config { ignore_idempotency_key: true, ..Config::default() };
    let stage = Stage::<Postgres>::with(config).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let crew = Crew::start(&stage, &redis, REPLICAS, &[SETTINGS, settings].concat()).await;
    let mut stored = 0;
    for _ in 0..trials {
        let moment = MOMENTS[dice.below(MOMENTS.len())];
        let asked = dice.below(REPLICAS);
        let [sends, stops] = [asked, 1 - asked].map(|place| &crew.members[place]);
        bill.violations.extend(meet(&stage, sends, stops, moment, &mut stored, dice).await);
        stops.replica.messaging("start").await;
    }
    stage.until_all_are_final().await;
    bill.violations.extend(crew.end().await);
    let books = Books::of(&stage).await;
    bill.add(books.audit(usize::try_from(stored).expect("not negative"), Promise::AtMostOnce));
    bill.add_doubts(books.doubts(&[]));
    bill
}

/// One stop that meets one START; what it broke.
async fn meet(
    stage: &Stage<Postgres>,
    sends: &Member,
    stops: &Member,
    moment: Moment,
    stored: &mut i32,
    dice: &mut Dice,
) -> Option<String> {
    let line = match moment {
        Moment::Post(_) => &sends.taps.provider,
        _ => sends.taps.database.as_ref().expect("a server"),
    };
    let come = line.watch(moment);
    let come = within(PATIENT, async {
        tokio::select! {
            come = come => come.expect("the line is there"),
            () = keep_busy(stage, stored) => {}
        }
    });
    if !come.await {
        line.forget();
        return Some(format!("nobody came to {moment:?} in {PATIENT:?}"));
    }
    let still = Duration::from_millis((STILL + dice.below(STILL)) as u64);
    let goes_on = async {
        after(still).await;
        line.forget();
    };
    let stop = async {
        let left = stops.replica.messaging("stop").await;
        (left, stage.begun().await)
    };
    let ((left, at_its_answer), ()) = tokio::join!(stop, goes_on);
    stage.let_pass(SILENCE).await;
    let later = stage.begun().await;
    wrong(left, at_its_answer, later).map(|wrong| format!("{moment:?}: {wrong}"))
}

/// Stores more when few are queued, for ever: there is always a send to begin,
/// whoever begins it.
async fn keep_busy(stage: &Stage<Postgres>, stored: &mut i32) {
    loop {
        if stage.count("queued").await < QUEUED {
            stage.insert_to(*stored + 1, MORE, RECIPIENTS).await;
            *stored += MORE;
        }
        stage.let_pass(20).await;
    }
}

fn wrong(left: Option<u64>, at_its_answer: Begun, later: Begun) -> Option<String> {
    if left != Some(0) {
        return Some(format!("the stop left {left:?} in flight, and each send ends in time"));
    }
    (at_its_answer != later)
        .then(|| format!("at the answer of the stop there were {at_its_answer:?}, then {later:?}"))
}
