//! T3: trouble on the lines to the database, to Redis and to the provider.

use crate::{
    campaign::{Campaign, Plan},
    campaigns::crew::{Crew, Member},
    limit::{after, within},
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage,
    audit::Promise,
    oracle::{Attempt, Books},
    store::Postgres,
    tap::{Direction, Fault, Tap},
};
use dispatcher_testkit::{TestRedis, chance::Dice, wait_until};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::time::Duration;

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "tcp",
    shows: "latency, slices, resets, half-open lines, black holes, an end at COMMIT, on every line: deadlines, P1–P4",
    full: 1_000,
    ci: 100,
    run: |plan| run(plan).boxed_local(),
};

/// Short, so that deadlines are reached; the lease is far beyond all of them.
const SETTINGS: &[(&str, &str)] = &[
    ("SEND_TIMEOUT", "4s"),
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
    let (mut stored, mut troubles) = (0, Vec::new());
    for _ in 0..trials {
        top_up(&stage, &mut stored).await;
        let member = &crew.members[dice.below(crew.members.len())];
        let (line, fault) = draw(member, dice);
        let from = stage.now().await;
        line.bring(fault);
        after(Duration::from_millis(dice.below(1_500) as u64)).await;
        line.bring(Fault::None);
        if std::ptr::eq(line, &member.taps.provider) {
            troubles.push(Trouble { of: member.name.clone(), from, to: stage.now().await });
        }
        let goes_on = within(LIMIT, goes_on(&stage, &member.name, &mut stored)).await;
        bill.demand(goes_on, || format!("{} does not go on after {fault:?}", member.name));
        if !goes_on {
            break;
        }
    }
    finish(&stage, promise).await;
    bill.violations.extend(crew.end().await);
    let books = Books::of(&stage).await;
    let stored = usize::try_from(stored).expect("not negative");
    bill.add(books.audit(stored, promise));
    if promise == Promise::AtMostOnce {
        // Else the last of several attempts does not tell.
        explain(&books, &troubles, &mut bill);
    }
    deadlines(&books, &mut bill);
    bill
}

/// On the line from a replica to the provider, by the clock of the database.
#[derive(Debug)]
struct Trouble {
    of: String,
    from: Timestamp,
    to: Timestamp,
}

impl Trouble {
    /// Whether this send was under way meanwhile.
    fn met(&self, attempt: &Attempt) -> bool {
        self.of == attempt.instance
            && attempt.started_at <= self.to
            && attempt.finished_at.is_none_or(|end| end >= self.from)
    }
}

/// Returns once this replica has begun another send, and not only its fellow;
/// there is always one to begin.
async fn goes_on(stage: &Stage<Postgres>, name: &str, stored: &mut i32) {
    let before = stage.starts_of(name).await;
    while stage.starts_of(name).await == before {
        // Three sends in a row without an answer open it, and this is about each.
        stage.close_breaker().await;
        top_up(stage, stored).await;
        stage.let_pass(10).await;
    }
}

/// Stores more when few are queued.
async fn top_up(stage: &Stage<Postgres>, stored: &mut i32) {
    if stage.count("queued").await < QUEUED {
        stage.insert_to(*stored + 1, MORE, RECIPIENTS).await;
        *stored += MORE;
    }
}

/// Each that is, or was, in doubt is so because of trouble between its owner and
/// the provider: none on another line leaves a send in doubt.
fn explain(books: &Books, troubles: &[Trouble], bill: &mut Bill) {
    for message in books.messages.iter().filter(|message| message.was_in_doubt()) {
        let last = books.attempts.iter().rfind(|attempt| attempt.message_id == message.id);
        let met = last.is_some_and(|last| troubles.iter().any(|trouble| trouble.met(last)));
        bill.explained += usize::from(met && message.status == "unconfirmed");
        bill.demand(met, || format!("in doubt, and no trouble met it: {message:?}, {last:?}"));
    }
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

async fn finish(stage: &Stage<Postgres>, promise: Promise) {
    let sql = if promise == Promise::AtMostOnce {
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending') \
         OR status = 'unconfirmed' AND probes = 0"
    } else {
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending', 'unconfirmed')"
    };
    wait_until("all is final", LIMIT, async || {
        stage.close_breaker().await;
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
