//! Blow after blow, on one stage.

use super::{
    Way,
    blow::{Blow, Lines, strike},
    writers::Writers,
};
use crate::{campaigns::supply::Supply, report::Bill};
use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT, Stage, audit::Promise, environment::usual, fleet::Fleet, oracle::Books, paired::Paired,
};
use dispatcher_testkit::chance::Dice;
use std::time::Duration;

/// No fail-over ends a lease: so nobody is in doubt. Whoever does not know whether
/// its claim was committed looks for it as long as that, also at its end.
const PATIENCE: [(&str, &str); 4] = [
    ("SEND_TIMEOUT", "20s"),
    ("LEASE", "25s"),
    ("SHUTDOWN_TIMEOUT", "90s"),
    // As in `blow`: whoever waits for a standby does so for this long.
    ("DB_TIMEOUT", "2s"),
];
const REPLICAS: usize = 3;
const RECIPIENTS: i32 = 40;
/// More than are sent before a blow has struck.
const QUEUED: i64 = 100;
const MORE: i32 = 100;

/// What happened, beside the bill.
#[derive(Default)]
struct Tally {
    waits_ended: usize,
    /// From each death of a primary to the next POST.
    gaps: Vec<Duration>,
}

/// Plays so many trials; the bill and some figures.
pub(super) async fn play(way: &Way, trials: u64, dice: &mut Dice) -> (Bill, String) {
    let mut bill = Bill::of(way.name);
    let (latency, jitter) = (Duration::from_millis(5), Duration::from_millis(20));
    // A second SMS would show: this provider knows no keys.
    let config = Config { latency, jitter, ignore_idempotency_key: true, ..Config::default() };
    let stage = Stage::<Paired>::with(config).await;
    let lines = Lines::of(&stage).await;
    let store = vec![("DATABASE_URL", lines.url(&stage))];
    // Without Redis: no receipt settles what is in doubt before it is seen.
    let environment = usual(store, &stage.provider.send_url());
    let fleet = Fleet::start_in(environment, REPLICAS, &[&PATIENCE, way.settings].concat()).await;
    let mut supply = Supply::of(QUEUED, MORE, RECIPIENTS);
    let (writers, mut tally) = (Writers::default(), Tally::default());
    let blows = async {
        for _ in 0..trials {
            bill.trials += 1;
            supply.top_up(&stage).await;
            if let Err(wrong) = trial(&stage, &lines, &mut tally, dice).await {
                bill.violations.push(wrong);
                break;
            }
        }
    };
    if way.api {
        tokio::select! { () = writers.write(&fleet) => {}, () = blows => {} }
    } else {
        blows.await;
    }
    bill.violations.extend(supply.each_goes_on(&stage, &fleet).await);
    stage.until_all_are_final().await;
    // In order: what they had to write is written.
    fleet.end().await;
    let books = Books::of(&stage).await;
    writers.judge(&books, supply.stored(), &mut bill);
    bill.add(books.audit(books.messages.len(), Promise::AtMostOnce));
    // Every replica lived, and every lease was long enough.
    bill.add_doubts(books.doubts(&[]));
    if let Some((batch, period)) = way.strict_pace {
        bill.violations.extend(books.queue_order_broken());
        bill.violations.extend(books.pace_broken_by_starts(batch, period));
        bill.violations.extend(books.pace_broken_by_arrivals(batch, period));
    }
    (bill, tally.told(writers.told()))
}

/// One blow, and everything well again.
async fn trial(
    stage: &Stage<Paired>,
    lines: &Lines,
    tally: &mut Tally,
    dice: &mut Dice,
) -> Result<(), String> {
    let post = stage.post_to_come(dice);
    if stage.provider.wait_for_requests(post, LIMIT).await.is_err() {
        return Err("sending does not go on".to_owned());
    }
    stage.random_moment(dice, post).await;
    let blow = Blow::any(dice);
    let struck = strike(stage, lines, blow, dice).await?;
    let posts = stage.provider.requests().len();
    if stage.provider.wait_for_requests(posts + 1, LIMIT).await.is_err() {
        return Err(format!("sending does not go on after {blow:?}"));
    }
    lines.mend();
    tally.waits_ended += struck.waits_ended;
    if let Some(died) = struck.died {
        tally.gaps.push(died.read());
        stage.rebuild().await;
    }
    Ok(())
}

impl Tally {
    fn told(mut self, (promised, asked): (usize, usize)) -> String {
        self.gaps.sort();
        let gap = |at: Option<&Duration>| at.copied().unwrap_or_default().as_secs_f64();
        let (median, longest) = (gap(self.gaps.get(self.gaps.len() / 2)), gap(self.gaps.last()));
        let (fail_overs, waits_ended) = (self.gaps.len(), self.waits_ended);
        format!(
            "{fail_overs} fail-overs, the next POST after {median:.1} s (median), {longest:.1} s \
             (longest); {waits_ended} COMMITs told not to wait; {promised} of {asked} requests \
             answered with 2xx"
        )
    }
}
