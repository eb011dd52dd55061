//! Message after message, each with an owner who is late.

use super::{ALL, End, Late};
use crate::{
    campaigns::crew::{Crew, Member},
    limit::{after, within},
    report::Bill,
};
use dispatcher_mock_provider::{Config, Script};
use dispatcher_stage::{
    Stage,
    audit::Promise,
    store::Postgres,
    tap::{Edge, Moment, Progress, Step, Tap},
};
use dispatcher_testkit::{TestRedis, chance::Dice};
use futures_util::future::select_all;
use std::time::Duration;

const SETTINGS: &[(&str, &str)] = &[
    ("ORDERING", "none"),
    ("MAX_IN_FLIGHT", "1"),
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("RESCUE_GRACE", "0s"),
    ("RETRY_BASE", "1s"),
    ("RETRY_CAP", "1s"),
    ("PROVIDER_NOT_SENT_STATUSES", "503"),
];
/// The lease covers no whole send any more, and is not over.
const TOO_LONG: Duration = Duration::from_secs(6);
const REPLICAS: usize = 2;
/// How long anything is waited for, at most.
const PATIENT: Duration = Duration::from_secs(60);

/// Plays so many messages; the bill.
pub(super) async fn play(promise: Promise, trials: u64, dice: &mut Dice) -> Bill {
    let mut bill = Bill { trials, ..Bill::of(promise.words()) };
    let config = Config { ignore_idempotency_key: true, ..Config::default() };
    let stage = Stage::<Postgres>::with(config).await;
    let redis = TestRedis::start().await.expect("a Redis");
    let settings = [SETTINGS, promise.settings()].concat();
    let crew = Crew::start(&stage, &redis, REPLICAS, &settings).await;
    for trial in 0..trials {
        let place = usize::try_from(trial).unwrap_or(usize::MAX);
        let late = ALL.get(place).copied().unwrap_or_else(|| ALL[dice.below(ALL.len())]);
        let text = format!("trial {trial}");
        if let Err(wrong) = one(&stage, &crew, promise, late, &text).await {
            bill.violations.push(format!("{late:?}: {wrong}"));
        }
        let end = end(&stage, &text).await;
        bill.sent += usize::from(end.status == "sent");
        bill.parked += usize::from(end.status == "unconfirmed");
        let expected = late.end(promise);
        bill.explained += usize::from(end.status == "unconfirmed" && end == expected);
        bill.demand(end == expected, || format!("{late:?}: {end:?}, not {expected:?}"));
        stage.close_breaker().await;
    }
    bill.violations.extend(crew.end().await);
    bill
}

/// One message, up to the end of its late send; what was waited for in vain.
async fn one(
    stage: &Stage<Postgres>,
    crew: &Crew<'_, Postgres>,
    promise: Promise,
    late: Late,
    text: &str,
) -> Result<(), String> {
    let (moment, script) = match late {
        Late::Claim => (Moment::Commit(Step::Claim, Edge::Unanswered), "then accept"),
        Late::Answer { script, .. } => (Moment::Post(Progress::Request), script),
    };
    stage.provider.script(script.parse::<Script>().expect("a script"));
    let lines: Vec<_> = crew.members.iter().map(|member| line(member, moment)).collect();
    let coming = lines.iter().map(|line| line.watch(moment)).collect::<Vec<_>>();
    stage.write("+905551234567", text).await;
    let mut owner = None;
    let come = async { owner = Some(select_all(coming).await.1) };
    let came = within(PATIENT, come).await;
    // The others go on; so do all, if it did not come.
    let others = lines.iter().enumerate().filter(|(place, _)| owner != Some(*place));
    others.for_each(|(_, line)| line.forget());
    let owner = owner.filter(|_| came).ok_or("nobody came to it")?;
    let waited = stand_still(stage, crew, promise, late, owner, text).await;
    lines[owner].forget();
    waited?;
    // Only now has the owner said all that it had to say.
    let outcome = late.outcome();
    let told = format!(
        "SELECT count(*) FROM attempts JOIN messages ON message_uuid = uuid \
         WHERE content = '{text}' AND attempts.attempt = 1 AND outcome = '{outcome}'"
    );
    until(stage, &format!("the late send ends as {outcome}"), &told, 1).await?;
    let busy = format!(
        "SELECT count(*) FROM messages WHERE content = '{text}' AND status IN ('queued', 'sending')"
    );
    until(stage, "nothing more happens to the message", &busy, 0).await
}

/// While the owner's line stands still, for longer than its lease bears.
async fn stand_still(
    stage: &Stage<Postgres>,
    crew: &Crew<'_, Postgres>,
    promise: Promise,
    late: Late,
    owner: usize,
    text: &str,
) -> Result<(), String> {
    if matches!(late, Late::Claim) {
        after(TOO_LONG).await;
        return Ok(());
    }
    stage.end_leases_of_the_cut_off(&[crew.members[owner].name.clone()]).await;
    let (what, status) = match promise {
        Promise::AtMostOnce => ("it is parked", "unconfirmed"),
        _ => ("another one sends it", "sent"),
    };
    let is =
        format!("SELECT count(*) FROM messages WHERE content = '{text}' AND status = '{status}'");
    until(stage, what, &is, 1).await
}

fn line(member: &Member, moment: Moment) -> &Tap {
    match moment {
        Moment::Post(_) => &member.taps.provider,
        _ => member.taps.database.as_ref().expect("a server"),
    }
}

async fn until(
    stage: &Stage<Postgres>,
    what: &str,
    sql: &str,
    expected: i64,
) -> Result<(), String> {
    let so = within(PATIENT, async {
        while stage.number(sql).await != expected {
            stage.let_pass(10).await;
        }
    });
    if so.await { Ok(()) } else { Err(format!("in vain waited until {what}")) }
}

/// What has become of the message.
async fn end(stage: &Stage<Postgres>, text: &str) -> End {
    let sql = format!("SELECT status, status_reason FROM messages WHERE content = '{text}'");
    let row = &stage.rows(&sql).await[0];
    let posts = stage.provider.requests();
    let posts = posts.iter().filter(|post| post.content.as_deref() == Some(text)).count();
    let accepted = stage.provider.ledger().iter().filter(|entry| entry.content == text).count();
    End { status: row.get("status"), reason: row.text("status_reason"), posts, accepted }
}
