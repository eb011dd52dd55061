//! Kill after kill, on one stage.

use super::point::{AFTER_RECEIPT, Needs, Point, UnderWay};
use crate::{
    campaigns::crew::{Crew, Member},
    limit::after,
    report::Bill,
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage,
    audit::{Promise, uuid_of},
    oracle::Books,
    store::Store,
    tap::Wire,
};
use dispatcher_testkit::{TestRedis, chance::Dice};
use futures_util::future::{select_all, try_join_all};
use std::{collections::HashMap, future::Future, pin::Pin, time::Duration};

/// No stall of the machine makes an unknown outcome of a send that lives. The
/// leases of the dead end when they are buried; nobody waits for them.
const PATIENCE: &[(&str, &str)] = &[
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("RESCUE_GRACE", "0s"),
    ("RETRY_BASE", "1s"),
    ("RETRY_CAP", "1s"),
    ("RETRY_MAX_TRIES", "1000"),
    // One: then it is known what dies with a process.
    ("ORDERING", "none"),
    ("MAX_IN_FLIGHT", "1"),
    ("DB_POOL_SIZE", "6"),
];

/// So many replicas, where the store allows it.
const REPLICAS: usize = 2;
/// Never so few are queued that a replica has nothing to do.
const QUEUED: i64 = 40;
const MORE: i32 = 100;
const RECIPIENTS: i32 = 40;
/// How long a point is waited for, at most.
const PATIENT: Duration = Duration::from_secs(60);
/// The provider's, so that sends are under way at most times.
const LATENCY: Duration = Duration::from_millis(5);

/// The messages that were under way at a kill: by their uuids, what must become
/// of them, and where their owners died.
#[derive(Default)]
struct Known {
    /// Nothing proves anything.
    parked: HashMap<String, &'static str>,
    /// There is a receipt.
    sent: HashMap<String, &'static str>,
}

/// Plays `kills` kills; the bill.
pub(super) async fn play<S: Store>(
    promise: Promise,
    store: &str,
    points: &[Point],
    kills: u64,
    dice: &mut Dice,
) -> Bill {
    let mut bill = Bill::of(format!("{store}, {}", promise.words()));
    let ignore_idempotency_key = promise != Promise::Idempotent;
    let config = Config { latency: LATENCY, ignore_idempotency_key, ..Config::default() };
    let stage = Stage::<S>::with(config).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let settings = [PATIENCE, promise.settings()].concat();
    let mut crew = Crew::start(&stage, &redis, REPLICAS, &settings).await;
    let (mut stored, mut known) = (0, Known::default());
    for _ in 0..kills {
        stored = top_up(&stage, stored).await;
        let point = &points[dice.below(points.len())];
        if point.needs.is_some() {
            let place = dice.below(crew.members.len());
            bill.trials += 1;
            strike(&stage, &mut crew, &AFTER_RECEIPT, &[place], &mut known, &mut bill).await;
        }
        let places: Vec<usize> = match point.needs {
            // Whoever gets round to it.
            Some(Needs::Orphan | Needs::Receipt) => (0..crew.members.len()).collect(),
            None => vec![dice.below(crew.members.len())],
        };
        bill.trials += 1;
        strike(&stage, &mut crew, point, &places, &mut known, &mut bill).await;
        bury(&stage, &crew).await;
    }
    settle(&stage, &crew, promise, &mut bill).await;
    let dead = std::mem::take(&mut crew.dead);
    bill.violations.extend(crew.end().await);
    let books = Books::of(&stage).await;
    let stored = usize::try_from(stored).expect("not negative");
    bill.add(books.audit(stored, promise));
    if promise == Promise::AtMostOnce {
        bill.add_doubts(books.doubts(&dead));
        explain(&books, &known, &mut bill);
    }
    bill
}

/// Kills the one of these that comes to `point`, and replaces it.
async fn strike<S: Store>(
    stage: &Stage<S>,
    crew: &mut Crew<'_, S>,
    point: &Point,
    places: &[usize],
    known: &mut Known,
    bill: &mut Bill,
) {
    let waiting = places.iter().map(|place| at_point(&crew.members[*place], point)).collect();
    let Some(come) = first(stage, crew, waiting).await else {
        bill.violations.push(format!("nobody came to {:?} in {PATIENT:?}", point.name));
        crew.members.iter().for_each(|member| member.taps.forget());
        return;
    };
    // Its own taps stay as they are: nothing more may get past them.
    let name = crew.kill(places[come]).await;
    crew.members.iter().for_each(|member| member.taps.forget());
    note(stage, crew, &name, point, known, bill).await;
    crew.hire().await;
}

/// Notes what was under way, and whether it has a receipt: Redis has heard
/// everything by now that it will ever hear.
async fn note<S: Store>(
    stage: &Stage<S>,
    crew: &Crew<'_, S>,
    name: &str,
    point: &Point,
    known: &mut Known,
    bill: &mut Bill,
) {
    let unfinished = stage.unfinished().await;
    let mut under_way = 0;
    for send in unfinished.iter().filter(|send| send.instance == name) {
        under_way += 1;
        let fates =
            if crew.has_receipt(&send.key).await { &mut known.sent } else { &mut known.parked };
        fates.insert(uuid_of(&send.key).to_owned(), point.name);
    }
    let expected = match point.under_way {
        UnderWay::Nothing => 0..=0,
        UnderWay::One => 1..=1,
        UnderWay::Perhaps => 0..=1,
    };
    bill.demand(expected.contains(&under_way), || {
        format!("{:?}: {under_way} sends under way, not {expected:?}", point.name)
    });
}

type Coming = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Resolves to true when the member has come to the point.
fn at_point(member: &Member, point: &Point) -> Coming {
    let watches: Vec<_> = point
        .moments
        .iter()
        .map(|(wire, moment)| {
            let taps = &member.taps;
            let tap = match wire {
                Wire::Postgres => taps.database.as_ref().expect("a point of a server"),
                Wire::Redis => &taps.redis,
                Wire::Http => &taps.provider,
            };
            tap.watch(*moment)
        })
        .collect();
    Box::pin(async move { try_join_all(watches).await.is_ok() })
}

/// Which of them came first; meanwhile the dead are buried.
async fn first<S: Store>(
    stage: &Stage<S>,
    crew: &Crew<'_, S>,
    waiting: Vec<Coming>,
) -> Option<usize> {
    let funerals = async {
        loop {
            bury(stage, crew).await;
            stage.let_pass(100).await;
        }
    };
    tokio::select! {
        (true, place, _) = select_all(waiting) => Some(place),
        () = after(PATIENT) => None,
        () = funerals => None,
    }
}

/// Ends the leases of the dead: their lines are cut, and nothing of theirs can
/// arrive any more.
async fn bury<S: Store>(stage: &Stage<S>, crew: &Crew<'_, S>) {
    stage.end_leases_of_the_cut_off(&crew.dead).await;
}

/// Inserts when few are queued; how many were stored by now.
async fn top_up<S: Store>(stage: &Stage<S>, stored: i32) -> i32 {
    if stage.count("queued").await >= QUEUED {
        return stored;
    }
    stage.insert_to(stored + 1, MORE, RECIPIENTS).await;
    stored + MORE
}

/// Lets the living finish.
async fn settle<S: Store>(stage: &Stage<S>, crew: &Crew<'_, S>, promise: Promise, bill: &mut Bill) {
    let sql = if promise == Promise::AtMostOnce {
        // Those that have a receipt are resolved a moment after they are parked:
        // a look at each that is still due.
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending') \
         OR status = 'unconfirmed' AND probes = 0"
    } else {
        "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending', 'unconfirmed')"
    };
    let rest = async {
        loop {
            bury(stage, crew).await;
            if stage.number(sql).await == 0 {
                return;
            }
            stage.let_pass(50).await;
        }
    };
    tokio::select! {
        () = rest => {}
        () = after(LIMIT) => {
            let left = stage.number(sql).await;
            bill.violations.push(format!("{left} messages without an end after {LIMIT:?}"));
        }
    }
    // What was looked at last is settled a moment later.
    stage.let_pass(1_500).await;
}

/// Everything that died in the window is parked, unless there is a receipt.
fn explain(books: &Books, known: &Known, bill: &mut Bill) {
    let parked = books.parked();
    for (uuid, point) in &known.sent {
        bill.demand(!parked.contains(uuid.as_str()), || {
            format!("parked, and there is a receipt, died at {point:?}: {uuid}")
        });
    }
    for (uuid, point) in &known.parked {
        bill.demand(parked.contains(uuid.as_str()), || {
            format!("not parked, and nothing proves what became of it, died at {point:?}: {uuid}")
        });
    }
}
