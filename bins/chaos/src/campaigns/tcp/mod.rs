//! T3: trouble on the lines to the database, to Redis and to the provider.

use crate::{
    campaign::{Campaign, Plan},
    campaigns::crew::{Crew, Member},
    limit::after,
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage,
    audit::Promise,
    oracle::Books,
    store::Postgres,
    tap::{Direction, Fault, Tap},
};
use dispatcher_testkit::{TestRedis, chance::Dice, wait_until};
use futures_util::FutureExt;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "tcp",
    shows: "latency, slices, resets, half-open lines, black holes, an end at COMMIT, on every line: deadlines, P1–P4",
    full: 1_000,
    ci: 24,
    run: |plan| run(plan).boxed_local(),
};

/// Short, so that deadlines are reached; the lease is far beyond all of them.
const SETTINGS: &[(&str, &str)] = &[
    ("SEND_TIMEOUT", "2s"),
    ("LEASE", "20s"),
    ("RESCUE_GRACE", "0s"),
    ("DB_TIMEOUT", "2s"),
    ("REDIS_TIMEOUT", "300ms"),
    ("RETRY_BASE", "1s"),
    ("RETRY_CAP", "1s"),
    ("RETRY_MAX_TRIES", "1000"),
    ("ORDERING", "none"),
    ("MAX_IN_FLIGHT", "4"),
    ("SHUTDOWN_TIMEOUT", "60s"),
];
/// A send ends by its own deadline, and is recorded by that of the database;
/// beyond this, on lines that are well, somebody has waited for something else.
const LONGEST_SEND: Duration = Duration::from_secs(15);
const REPLICAS: usize = 2;
const QUEUED: i64 = 60;
const MORE: i32 = 150;
const RECIPIENTS: i32 = 60;

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bills = Vec::new();
    for promise in [Promise::AtMostOnce, Promise::Idempotent, Promise::AtLeastOnce] {
        bills.push(play(promise, plan.count.div_ceil(3), &mut dice).await);
    }
    Report::of(bills)
}

async fn play(promise: Promise, trials: u64, dice: &mut Dice) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(promise.words()) };
    let config = Config {
        latency: Duration::from_millis(5),
        ignore_idempotency_key: promise != Promise::Idempotent,
        ..Config::default()
    };
    let stage = Stage::<Postgres>::with(config).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let settings = [SETTINGS, promise.settings()].concat();
    let crew = Crew::start(&stage, &redis, REPLICAS, &settings).await;
    let mut stored = 0;
    for _ in 0..trials {
        if stage.count("queued").await < QUEUED {
            stage.insert_to(stored + 1, MORE, RECIPIENTS).await;
            stored += MORE;
        }
        let member = &crew.members[dice.below(crew.members.len())];
        let (line, fault) = draw(member, dice);
        line.bring(fault);
        after(Duration::from_millis(dice.below(1_500) as u64)).await;
        line.bring(Fault::None);
        calm(&stage).await;
        let posts = stage.provider.requests().len();
        if stage.count("queued").await > 0 {
            let goes_on = stage.provider.wait_for_requests(posts + 1, LIMIT).await;
            bill.demand(goes_on.is_ok(), || format!("sending does not go on after {fault:?}"));
        }
    }
    finish(&stage, promise).await;
    bill.violations.extend(crew.end().await);
    let books = Books::of(&stage).await;
    let stored = usize::try_from(stored).expect("not negative");
    let audit = books.audit(stored, promise);
    // Each is in doubt because of a POST whose answer was lost on its line.
    bill.explained += audit.parked;
    bill.add(audit);
    deadlines(&books, &mut bill);
    bill
}

/// A line of a replica, and what is wrong with it.
fn draw<'a>(member: &'a Member, dice: &mut Dice) -> (&'a Tap, Fault) {
    let taps = &member.taps;
    let database = taps.database.as_ref().expect("a server");
    let line = [database, database, &taps.redis, &taps.provider][dice.below(4)];
    let common = [
        Fault::Latency(Duration::from_millis(1 + dice.below(300) as u64)),
        Fault::Slices(1 + dice.below(40)),
        Fault::Reset,
        Fault::HalfOpen(Direction::ToServer),
        Fault::HalfOpen(Direction::ToClient),
        Fault::BlackHole,
    ];
    let at_commit = [Fault::EndBeforeCommit, Fault::EndAfterCommit];
    let of_database = std::ptr::eq(line, database);
    let fault = if of_database && dice.below(3) == 0 {
        at_commit[dice.below(at_commit.len())]
    } else {
        common[dice.below(common.len())]
    };
    (line, fault)
}

/// Closes the breaker: three sends in a row without an answer open it, and
/// this is about each of them.
async fn calm(stage: &Stage<Postgres>) {
    stage
        .run(
            "UPDATE dispatch_control SET breaker_until = NULL, breaker_openings = 0, \
                 breaker_failures = 0, probe_token = NULL, probe_until = NULL \
             WHERE breaker_until IS NOT NULL",
        )
        .await;
}

async fn finish(stage: &Stage<Postgres>, promise: Promise) {
    let sql = if promise == Promise::AtMostOnce {
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending') \
         OR status = 'unconfirmed' AND probes = 0"
    } else {
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending', 'unconfirmed')"
    };
    wait_until("all is final", LIMIT, async || {
        calm(stage).await;
        stage.number(sql).await == 0
    })
    .await;
    // What was looked at last is settled a moment later.
    stage.let_pass(1_500).await;
}

/// Whatever the line did, a send ended: by its own deadline, or by its lease.
fn deadlines(books: &Books, bill: &mut Bill) {
    let lease = Duration::from_secs(20);
    for attempt in &books.attempts {
        let Some(end) = attempt.finished_at else { continue };
        let took = end.duration_since(attempt.started_at).unsigned_abs();
        let most = match attempt.outcome.as_deref() {
            Some("abandoned") => lease + LONGEST_SEND,
            _ => LONGEST_SEND,
        };
        bill.demand(took <= most, || format!("took {took:?}, most is {most:?}: {attempt:?}"));
    }
}
