//! What is done to the replicas.

use crate::limit::after;
use dispatcher_stage::{Stage, fleet::Fleet, oracle::Books, store::Postgres};
use dispatcher_testkit::{chance::Dice, process::Signal};
use jiff::Timestamp;
use std::time::Duration;

/// From the answer to a stop to the next start, by the database's clock.
pub(in crate::campaigns) struct Silence {
    from: Timestamp,
    to: Timestamp,
}

impl Silence {
    /// The STARTs that broke it.
    pub(in crate::campaigns) fn broken_by(&self, books: &Books) -> Vec<String> {
        let within = |at: Timestamp| at > self.from && at < self.to;
        let broken = books.attempts.iter().filter(|attempt| within(attempt.started_at));
        broken.map(|attempt| format!("started after a stop had answered: {attempt:?}")).collect()
    }
}

/// Some seconds' worth of trouble at most; the silence, if there was one.
pub(in crate::campaigns) async fn storm(
    stage: &Stage<Postgres>,
    fleet: &mut Fleet,
    harm: bool,
    dice: &mut Dice,
) -> Option<Silence> {
    let place = dice.below(fleet.size());
    match dice.below(if harm { 6 } else { 3 }) {
        0 => return Some(silence(stage, fleet, dice).await),
        1 => {
            starts_and_stops(fleet, dice).await;
        }
        2 => fleet.restart(place).await,
        3 | 4 => {
            fleet.signal(place, Signal::Stop);
            pause(dice, 400).await;
            fleet.signal(place, Signal::Continue);
        }
        _ => fleet.kill(place).await,
    }
    pause(dice, 300).await;
    None
}

async fn silence(stage: &Stage<Postgres>, fleet: &Fleet, dice: &mut Dice) -> Silence {
    fleet.at(dice.below(fleet.size())).messaging("stop").await;
    let from = stage.now().await;
    pause(dice, 300).await;
    let to = stage.now().await;
    fleet.at(dice.below(fleet.size())).messaging("start").await;
    Silence { from, to }
}

/// By all at once; the last word is `start`.
async fn starts_and_stops(fleet: &Fleet, dice: &mut Dice) {
    let mut verb = || if dice.heads() { "start" } else { "stop" };
    let verbs = [verb(), verb(), verb()];
    let say = |place: usize| fleet.at(place).messaging(verbs[place]);
    tokio::join!(say(0), say(1), say(2));
    fleet.at(0).messaging("start").await;
}

async fn pause(dice: &mut Dice, millis: usize) {
    after(Duration::from_millis(dice.below(millis) as u64)).await;
}
