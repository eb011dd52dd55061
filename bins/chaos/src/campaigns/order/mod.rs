//! T9: many at once, and never two to one number.

use crate::{
    campaign::{Campaign, Plan},
    report::{Bill, Report},
};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    Stage,
    audit::uuid_of,
    fleet::Fleet,
    oracle::{Books, Message},
    order::{Span, recipient},
    store::Postgres,
};
use dispatcher_testkit::{chance::Dice, wait_until};
use futures_util::FutureExt;
use std::{collections::HashMap, time::Duration};

pub(crate) const CAMPAIGN: Campaign = Campaign {
    name: "order",
    shows: "8 replicas, 500 recipients, 5 % failures, ORDERING=recipient: no inversion, never two to one number at once",
    full: 1_000_000,
    ci: 10_000,
    run: |plan| run(plan).boxed_local(),
};

const REPLICAS: usize = 8;
const RECIPIENTS: usize = 500;
const SETTINGS: &[(&str, &str)] =
    &[("ORDERING", "recipient"), ("MAX_IN_FLIGHT", "8"), ("DB_POOL_SIZE", "4")];
/// One country and area; with the rest one recipient.
const SPELLINGS: [&str; 4] = ["+90555", "90 555 ", "0090555", "+90-555-"];
/// So many are stored at once.
const AT_ONCE: u64 = 5_000;
/// The provider's, at least.
const LATENCY: Duration = Duration::from_millis(5);
/// One in so many fails.
const FAILS: usize = 20;
/// The ways to fail that are final: a message that waits for its next try lets
/// others pass, as it must.
const FAILURES: [&str; 4] = ["status=400", "status=422", "status=404", "drop-after"];
/// How long a wave may take: only a hang reaches it.
const WAVE: Duration = Duration::from_secs(600);

async fn run(plan: Plan) -> Report {
    let mut dice = Dice::of(plan.seed);
    let mut bill = Bill::of("8 replicas");
    let mut left = plan.count;
    // Waves on one stage each: the books of a million do not fit beside it.
    while left > 0 {
        let wave = left.min(AT_ONCE * 4);
        play(wave, &mut dice, &mut bill).await;
        left -= wave;
    }
    Report::of(vec![bill])
}

async fn play(count: u64, dice: &mut Dice, bill: &mut Bill) {
    let config = Config {
        latency: LATENCY,
        jitter: LATENCY,
        ignore_idempotency_key: true,
        ..Config::default()
    };
    let stage = Stage::<Postgres>::with(config).await;
    let fleet = Fleet::start(&stage, REPLICAS, SETTINGS).await;
    let mut stored = 0;
    while stored < count {
        let more = AT_ONCE.min(count - stored);
        let rows: Vec<String> = (stored..stored + more).map(|n| row(n, dice)).collect();
        stage.insert_rows(rows.into_iter()).await;
        stored += more;
    }
    wait_until("all is final", WAVE, async || {
        // Three that are dropped in a row open it, by chance.
        stage.close_breaker().await;
        stage.number("SELECT count(*) FROM messages WHERE status IN ('queued', 'sending')").await
            == 0
    })
    .await;
    fleet.end().await;
    let books = Books::of(&stage).await;
    judge(&books, count, bill);
    judge_inversions(&books, bill);
    judge_overlaps(&books, bill);
}

/// A message to one of the recipients, who may be told to fail.
fn row(n: u64, dice: &mut Dice) -> String {
    let to = dice.below(RECIPIENTS);
    let way = match dice.below(FAILS) {
        0 => format!(" [mock:{}]", FAILURES[dice.below(FAILURES.len())]),
        _ => String::new(),
    };
    let begin = SPELLINGS[dice.below(SPELLINGS.len())];
    format!("('{begin}{to:07}', 'message {n}{way}')")
}

/// Each message became what its provider had it become.
fn judge(books: &Books, stored: u64, bill: &mut Bill) {
    bill.trials += stored;
    bill.demand(books.messages.len() as u64 == stored, || {
        format!("{} rows, and {stored} were stored", books.messages.len())
    });
    let mut accepted: HashMap<&str, usize> = HashMap::new();
    for entry in &books.ledger {
        *accepted.entry(entry.content.as_str()).or_default() += 1;
    }
    for message in &books.messages {
        let accepted = accepted.get(message.content.as_str()).copied().unwrap_or(0);
        bill.duplicated += accepted.saturating_sub(1);
        bill.demand(accepted <= 1, || format!("accepted {accepted} times: {message:?}"));
        let expected = expected(message);
        bill.sent += usize::from(message.status == "sent");
        bill.parked += usize::from(message.status == "unconfirmed");
        bill.explained += usize::from(expected == ("unconfirmed", 1));
        let is = (message.status.as_str(), accepted);
        bill.lost += usize::from(is != expected);
        bill.demand(is == expected, || format!("{is:?}, not {expected:?}: {message:?}"));
    }
}

/// In the order of their POSTs, each of which begins once the one before it to the
/// same number is over. The times of STARTs do not tell: they are those at which
/// their transactions began.
fn judge_inversions(books: &Books, bill: &mut Bill) {
    let places: HashMap<&str, usize> =
        books.messages.iter().enumerate().map(|(place, it)| (it.uuid(), place)).collect();
    let mut last: HashMap<String, usize> = HashMap::new();
    for arrival in &books.arrivals {
        let key = arrival.idempotency_key.as_deref().unwrap_or_default();
        let Some(place) = places.get(uuid_of(key)).copied() else {
            bill.violations.push(format!("no message of ours: {arrival:?}"));
            continue;
        };
        let message = &books.messages[place];
        if let Some(before) = last.insert(recipient(&message.phone_number), place) {
            let before_it = &books.messages[before];
            bill.demand(before < place, || format!("{before_it:?} was sent before {message:?}"));
        }
    }
}

/// Those that were accepted, as the provider sees it, for the same reason.
fn judge_overlaps(books: &Books, bill: &mut Bill) {
    let mut last: HashMap<String, Span> = HashMap::new();
    for (to, post) in books.posts(LATENCY) {
        let before = last.insert(to.clone(), post);
        let apart = before.is_none_or(|before| before.1 <= post.0);
        bill.demand(apart, || format!("{to}: two at once: {before:?} and {post:?}"));
    }
}

/// Status, and how often accepted.
fn expected(message: &Message) -> (&'static str, usize) {
    match message.content.split_once("[mock:") {
        None => ("sent", 1),
        Some((_, "drop-after]")) => ("unconfirmed", 1),
        Some(_) => ("failed", 0),
    }
}
