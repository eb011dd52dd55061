//! Message after message, each with its misbehaviour.

use super::cases::{Case, End};
use crate::{limit::within, report::Bill};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{LIMIT, Replica, Stage, audit::Promise, store::Postgres};
use dispatcher_testkit::{TestRedis, chance::Dice, wait_until};
use serde_json::json;
use std::{collections::HashMap, time::Duration};

/// A message of unknown outcome that may be sent again is, so often in all.
const TRIES: usize = 2;
const SETTINGS: &[(&str, &str)] = &[
    ("SEND_TIMEOUT", "3s"),
    ("LEASE", "20s"),
    ("PROVIDER_NOT_SENT_STATUSES", "429,503"),
    ("RETRY_MAX_TRIES", "2"),
];
/// Drawn evenly from a month: nothing is tried again while it is looked at.
const NEVER: &[(&str, &str)] = &[("RETRY_BASE", "720h"), ("RETRY_CAP", "720h")];
/// What is in doubt is sent again at once.
const SOON: &[(&str, &str)] = &[("RETRY_BASE", "1s"), ("RETRY_CAP", "1h")];
/// How long it may take until it is so.
const PATIENCE: Duration = Duration::from_secs(60);
/// In KiB. A body of a gibibyte passed through here.
const MOST_MEMORY: u64 = 64 * 1024;

/// Each of `cases` once, and then at random, until there were so many trials.
pub(super) async fn play(promise: Promise, trials: u64, cases: Vec<Case>, mut dice: Dice) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(promise.words()) };
    let ignore_idempotency_key = promise != Promise::Idempotent;
    let stage =
        Stage::<Postgres>::with(Config { ignore_idempotency_key, ..Config::default() }).await;
    let backoff = if promise == Promise::AtMostOnce { NEVER } else { SOON };
    // Where receipts cannot be looked for, nobody gives a message up for a day.
    let redis = TestRedis::start().await.expect("a Redis");
    let cache = [("REDIS_URL", redis.url())];
    let replica = stage.replica(&[SETTINGS, backoff, promise.settings(), &cache].concat()).await;
    let before = replica.footprint();
    let mut played = Vec::new();
    for trial in 0..trials {
        let place = usize::try_from(trial).unwrap_or(usize::MAX);
        let case = cases.get(place).copied();
        let case = case.unwrap_or_else(|| cases[dice.below(cases.len())]);
        let text = format!("trial {trial} [mock:{}]", case.script);
        let expected = Expected::of(case.end, promise);
        one(&stage, &replica, &text, &expected, &mut bill).await;
        played.push((text, expected));
    }
    count(&stage, &played, &mut bill);
    if let (Some(before), Some(after)) = (before, replica.footprint()) {
        let grown = after.peak - before.peak;
        bill.demand(grown < MOST_MEMORY, || format!("{grown} KiB more than at its start"));
    }
    bill
}

/// One message, from its row to what became of it.
async fn one(
    stage: &Stage<Postgres>,
    replica: &Replica,
    text: &str,
    expected: &Expected,
    bill: &mut Bill,
) {
    stage.write("+905551234567", text).await;
    let is_so = async || row(stage).await.as_ref().is_some_and(|row| expected.is(row));
    let sql = "SELECT count(*) FROM messages WHERE status IN ('queued', 'sending') \
               AND attempt = 0 OR status = 'sending'";
    wait_until("its first send has ended", LIMIT, async || stage.number(sql).await == 0).await;
    // What does not come is told below, with what came instead.
    within(PATIENCE, async {
        while !is_so().await {
            if expected.all_wait.is_none() {
                // The replica remembers the trials before: three in a row that did
                // not happen open it for a minute, and nobody waits for that here.
                stage.close_breaker().await;
            }
            stage.let_pass(20).await;
        }
    })
    .await;
    let row = row(stage).await;
    let status = row.as_ref().map_or("gone", |row| row.status.as_str());
    bill.sent += usize::from(status == "sent");
    bill.parked += usize::from(status == "unconfirmed");
    bill.explained += usize::from(status == "unconfirmed" && expected.status == "unconfirmed");
    bill.demand(row.as_ref().is_some_and(|row| expected.is(row)), || {
        format!("{text}: {row:?}, not {expected:?}")
    });
    if let Some(expected) = expected.all_wait {
        let all_wait = stage.holds(ALL_WAIT).await;
        bill.demand(all_wait == expected, || {
            format!("{text}: do all wait? {all_wait}, not {expected}")
        });
    }
    clear(stage, replica).await;
}

const ALL_WAIT: &str = "SELECT coalesce(greatest(breaker_until, throttled_until) > \
                            clock_timestamp(), FALSE) FROM dispatch_control";

/// What came to the provider of each: looked at in the end, when whatever was
/// sent once too often has come, too.
fn count(stage: &Stage<Postgres>, played: &[(String, Expected)], bill: &mut Bill) {
    let mut posts: HashMap<String, usize> = HashMap::new();
    let mut accepted: HashMap<String, usize> = HashMap::new();
    for text in stage.provider.requests().into_iter().filter_map(|post| post.content) {
        *posts.entry(text).or_insert(0) += 1;
    }
    for entry in stage.provider.ledger() {
        *accepted.entry(entry.content).or_insert(0) += 1;
    }
    for (text, expected) in played {
        let [posts, accepted] = [&posts, &accepted].map(|of| of.get(text).copied().unwrap_or(0));
        bill.duplicated += accepted.saturating_sub(expected.accepted);
        bill.demand((posts, accepted) == (expected.posts, expected.accepted), || {
            format!("{text}: {posts} POSTs, {accepted} accepted, not {expected:?}")
        });
    }
}

/// What must come of a message.
#[derive(Debug)]
struct Expected {
    status: &'static str,
    reason: Option<&'static str>,
    maybe_sent: bool,
    posts: usize,
    accepted: usize,
    /// Whether it holds up all others, where that is what matters.
    all_wait: Option<bool>,
}

impl Expected {
    fn of(end: End, promise: Promise) -> Self {
        let once = |status, reason, accepted: bool| Self {
            status,
            reason,
            maybe_sent: false,
            posts: 1,
            accepted: usize::from(accepted),
            all_wait: None,
        };
        let waits =
            |reason, all| Self { all_wait: Some(all), ..once("queued", Some(reason), false) };
        match end {
            End::Sent { reason, in_ledger } => once("sent", reason, in_ledger),
            End::Failed(reason) => once("failed", Some(reason), false),
            End::AllWait(reason) => waits(reason, true),
            End::Waits(reason) => waits(reason, false),
            End::Conflict if promise == Promise::Idempotent => {
                Self::unknown("unknown_409", false, promise)
            }
            End::Conflict => once("failed", Some("refused_409"), false),
            End::Unknown { reason, in_ledger } => Self::unknown(reason, in_ledger, promise),
        }
    }

    fn unknown(reason: &'static str, in_ledger: bool, promise: Promise) -> Self {
        let (posts, sms) = match promise {
            Promise::AtMostOnce => (1, 1),
            // The same key twice is one SMS.
            Promise::Idempotent => (TRIES, 1),
            Promise::AtLeastOnce => (TRIES, TRIES),
        };
        let accepted = if in_ledger { sms } else { 0 };
        let (status, reason) = match promise {
            Promise::AtMostOnce => ("unconfirmed", reason),
            _ => ("failed", "tries_used_up"),
        };
        Self { status, reason: Some(reason), maybe_sent: true, posts, accepted, all_wait: None }
    }

    fn is(&self, row: &Row) -> bool {
        row.status == self.status
            && row.reason.as_deref() == self.reason
            && row.maybe_sent == self.maybe_sent
    }
}

/// The message as it stands.
#[derive(Debug)]
struct Row {
    id: i64,
    status: String,
    reason: Option<String>,
    maybe_sent: bool,
}

async fn row(stage: &Stage<Postgres>) -> Option<Row> {
    let sql = "SELECT id, status, status_reason, maybe_sent FROM messages ORDER BY id DESC LIMIT 1";
    let rows = stage.rows(sql).await;
    rows.first().map(|row| Row {
        id: row.get("id"),
        status: row.get("status"),
        reason: row.text("status_reason"),
        maybe_sent: row.get::<String>("maybe_sent") == "t",
    })
}

/// The next one finds the queue empty, and nothing that holds it up. By SQL,
/// where an operator would wait: that is another matter.
async fn clear(stage: &Stage<Postgres>, replica: &Replica) {
    let Some(Row { id, status, .. }) = row(stage).await else { return };
    if status == "queued" {
        let path = format!("/api/messages/{id}/cancel");
        let (answer, body) = replica.post(&path, &json!({})).await;
        assert_eq!(answer, 200, "an operator may take it out: {body}");
    }
    stage.close_breaker().await;
    stage.run("UPDATE dispatch_control SET throttled_until = NULL").await;
}
