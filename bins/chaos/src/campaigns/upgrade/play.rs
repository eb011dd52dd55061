//! One upgrade: the old alone, the migration under them, both versions in turn,
//! the new alone.

use super::{Order, Way, before::Before};
use crate::{
    campaigns::cadence::storm::{Silence, storm},
    limit::after,
    report::Bill,
};
use dispatcher_mock_provider::{Config, LedgerEntry, MockProvider};
use dispatcher_stage::{
    LIMIT, Stage,
    audit::{Promise, uuid_of},
    fleet::Fleet,
    migrate,
    oracle::{Books, key},
    order::recipient,
    program::server,
    store::Postgres,
};
use dispatcher_testkit::{
    TestDatabase, chance::Dice, postgres::PostgresParts, process::clear_environment, wait_until,
};
use std::{collections::HashMap, path::Path, process::Command, time::Duration};

const REPLICAS: usize = 3;
const PATIENCE: &[(&str, &str)] = &[
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("RESCUE_GRACE", "0s"),
    ("RETRY_BASE", "1s"),
    ("RETRY_CAP", "1s"),
    ("RETRY_MAX_TRIES", "1000"),
    ("DB_POOL_SIZE", "4"),
];
const RECIPIENTS: i32 = 40;
/// Never so few are queued that a replica has nothing to do.
const QUEUED: i64 = 40;
const MORE: i32 = 100;
/// The provider's, so that sends are under way at most times.
const LATENCY: Duration = Duration::from_millis(5);
/// Messages that are over before they are due.
const OVER: i64 = 5;

/// A run that is under way.
struct Run {
    stage: Stage<Postgres>,
    fleet: Fleet,
    silences: Vec<Silence>,
    stored: i32,
}

/// Plays so many trials; the bill.
pub(super) async fn play(way: &Way, before: &Before, trials: u64, dice: &mut Dice) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(way.name) };
    let stage = stage_of_before(before, way).await;
    let settings = [PATIENCE, way.promise.settings(), way.settings].concat();
    let mut fleet = Fleet::start_in(stage.environment(), 0, &settings).await;
    fleet.use_program(&before.server);
    for _ in 0..REPLICAS {
        fleet.hire().await;
    }
    let mut run = Run { stage, fleet, silences: Vec::new(), stored: 0 };
    let phase = trials.div_ceil(4);
    for _ in 0..phase {
        run.trial(&[&before.server], dice).await;
    }
    run.migrate(&mut bill).await;
    run.stays(&before.server).await;
    for _ in 0..phase * 2 {
        run.trial(&[&before.server, &server()], dice).await;
    }
    run.fleet.use_program(&server());
    for place in 0..REPLICAS {
        run.fleet.restart(place).await;
    }
    for _ in 0..phase {
        run.trial(&[&server()], dice).await;
    }
    run.expire(&mut bill).await;
    run.close(way, bill).await
}

/// A database as the version before made it.
async fn stage_of_before(before: &Before, way: &Way) -> Stage<Postgres> {
    let database = TestDatabase::create().await.expect("a database");
    run_migrate(&before.migrate, database.parts());
    let sql = database.client().await.expect("a client");
    let ignore_idempotency_key = way.promise != Promise::Idempotent;
    let config =
        Config { latency: LATENCY, jitter: LATENCY, ignore_idempotency_key, ..Config::default() };
    let provider = MockProvider::start(config).await.expect("a provider");
    Stage { store: Postgres { database, sql }, provider }
}

fn run_migrate(program: &Path, database: &PostgresParts) {
    let mut command = Command::new(program);
    clear_environment(&mut command).env("DATABASE_URL", database.url());
    let ended = command.output().expect("the migrations of the version before start");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "the version before does not migrate: {told}");
}

const SCHEMA: &str = "SELECT max(version) FROM dispatcher_schema_history";

impl Run {
    /// Something is done to the replicas while they send; who is replaced, is so
    /// by one of these.
    async fn trial(&mut self, programs: &[&Path], dice: &mut Dice) {
        let posts = self.stage.provider.requests().len();
        if self.stage.count("queued").await < QUEUED {
            self.stage.insert_to(self.stored + 1, MORE, RECIPIENTS).await;
            self.stored += MORE;
        }
        let next = self.stage.provider.wait_for_requests(posts + 1, LIMIT).await;
        next.expect("sends go on");
        self.fleet.use_program(programs[dice.below(programs.len())]);
        self.silences.extend(storm(&self.stage, &mut self.fleet, true, dice).await);
        self.stage.end_leases_of_the_cut_off(&self.fleet.killed).await;
    }

    /// Under the replicas of the version before, while they send.
    async fn migrate(&mut self, bill: &mut Bill) {
        let old = self.stage.number(SCHEMA).await;
        migrate(self.stage.database.parts().clone()).await.expect("the migrations");
        let new = self.stage.number(SCHEMA).await;
        bill.demand(new > old, || {
            format!("the version before has schema {old}, this one {new}: nothing is upgraded")
        });
    }

    /// One of the version before starts again on the newer database.
    async fn stays(&mut self, before: &Path) {
        self.fleet.use_program(before);
        self.fleet.restart(0).await;
        self.fleet.at(0).until_logged("the database is of a newer version", 1).await;
    }

    /// What this version has brought works once the other is gone.
    async fn expire(&mut self, bill: &mut Bill) {
        let over = format!(
            "INSERT INTO messages (phone_number, content, not_before, expires_at) \
             SELECT '+90556' || lpad(n::text, 7, '0'), 'over', now() + interval '1 day', now() \
             FROM generate_series(1, {OVER}) n"
        );
        self.stage.run(&over).await;
        let limit = after(LIMIT);
        let all =
            wait_until("they expire", LIMIT, async || self.stage.count("expired").await == OVER);
        tokio::select! {
            () = all => {}
            () = limit => bill.violations.push("messages that are over do not expire".to_owned()),
        }
        self.stage.run("DELETE FROM messages WHERE content = 'over'").await;
    }

    /// Lets all be sent, and judges the books.
    async fn close(mut self, way: &Way, mut bill: Bill) -> Bill {
        self.fleet.at(0).messaging("start").await;
        let left = match way.promise {
            Promise::AtMostOnce => "'queued', 'sending'",
            Promise::Idempotent | Promise::AtLeastOnce => "'queued', 'sending', 'unconfirmed'",
        };
        let left = format!("SELECT count(*) FROM messages WHERE status IN ({left})");
        wait_until("all is final", LIMIT, async || {
            self.stage.end_leases_of_the_cut_off(&self.fleet.killed).await;
            self.stage.number(&left).await == 0
        })
        .await;
        let killed = std::mem::take(&mut self.fleet.killed);
        self.fleet.end().await;
        let books = Books::of(&self.stage).await;
        let stored = usize::try_from(self.stored).expect("not negative");
        bill.add(books.audit(stored, way.promise));
        if way.promise == Promise::AtMostOnce {
            bill.add_doubts(books.doubts(&killed));
        }
        if let Some((batch, period)) = way.pace {
            bill.violations.extend(books.pace_broken_by_starts(batch, period));
        }
        bill.violations.extend(self.silences.iter().filter_map(|silence| silence.broken(true)));
        bill.violations.extend(inversions(&books, way.order));
        bill
    }
}

/// P7 as the provider sees it: to all, or to each recipient, in the order of the
/// queue. (The times of STARTs do not tell: without a lock on the control row they
/// are those at which their transactions began, and some replicas were paused.)
fn inversions(books: &Books, order: Order) -> Vec<String> {
    let places: HashMap<&str, usize> =
        books.messages.iter().enumerate().map(|(place, it)| (it.uuid(), place)).collect();
    let mut last: HashMap<String, &LedgerEntry> = HashMap::new();
    let mut found = Vec::new();
    for entry in books.ledger.iter().filter(|_| order != Order::None) {
        let lane = match order {
            Order::OfAll => String::new(),
            Order::OfEachRecipient | Order::None => recipient(&entry.phone_number),
        };
        let place = |entry: &LedgerEntry| places.get(uuid_of(key(entry))).copied();
        if let Some(before) = last.insert(lane, entry)
            && place(before) > place(entry)
        {
            found.push(format!("an inversion: {before:?}, then {entry:?}"));
        }
    }
    found
}
