//! What is done to the replicas.

use crate::limit::after;
use dispatcher_stage::{Stage, begun::Begun, fleet::Fleet, store::Postgres};
use dispatcher_testkit::{chance::Dice, process::Signal};
use std::time::Duration;

/// From the answer to a stop to the next start.
pub(in crate::campaigns) struct Silence {
    from: Begun,
    to: Begun,
}

impl Silence {
    /// What broke it. A POST of somebody who was killed may arrive late.
    pub(in crate::campaigns) fn broken(&self, harm: bool) -> Option<String> {
        let Self { from, to } = self;
        let holds = from.starts == to.starts && (harm || from.posts == to.posts);
        (!holds).then(|| format!("after a stop had answered there were {from:?}, then {to:?}"))
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
        2 => drop(fleet.restart(place).await),
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
    let from = stage.begun().await;
    pause(dice, 300).await;
    let to = stage.begun().await;
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
