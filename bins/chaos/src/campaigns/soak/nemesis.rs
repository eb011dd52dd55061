//! What is done to the service, one thing a round.

use crate::limit::after;
use dispatcher_stage::{Stage, crashable::Crashable, fleet::Fleet};
use dispatcher_testkit::{TestRedis, chance::Dice, process::Signal};
use std::time::Duration;

/// The things that can be done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Nemesis {
    Nothing,
    KillReplica,
    EndReplica,
    PauseReplica,
    CrashDatabase,
    KillRedis,
    FlushRedis,
    FreezeRedis,
    StopAndStart,
}

const ALL: [Nemesis; 9] = [
    Nemesis::Nothing,
    Nemesis::KillReplica,
    Nemesis::EndReplica,
    Nemesis::PauseReplica,
    Nemesis::CrashDatabase,
    Nemesis::KillRedis,
    Nemesis::FlushRedis,
    Nemesis::FreezeRedis,
    Nemesis::StopAndStart,
];

impl Nemesis {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        ALL[dice.below(ALL.len())]
    }

    /// Does it; all is well again afterwards. Tells which promise was broken
    /// meanwhile, if it can be told at once. The replica in place `spared` is
    /// neither killed nor replaced.
    pub(super) async fn strike(
        self,
        stage: &Stage<Crashable>,
        redis: &TestRedis,
        fleet: &mut Fleet,
        spared: usize,
        dice: &mut Dice,
    ) -> Option<String> {
        let victim = (spared + 1 + dice.below(fleet.size() - 1)) % fleet.size();
        match self {
            Self::Nothing => {}
            Self::KillReplica => fleet.kill(victim).await,
            Self::EndReplica => drop(fleet.restart(victim).await),
            Self::PauseReplica => {
                fleet.signal(victim, Signal::Stop);
                pause(dice, 3_000).await;
                fleet.signal(victim, Signal::Continue);
            }
            Self::CrashDatabase => {
                stage.store.postgres.stop_immediate().await.expect("it stops");
                pause(dice, 1_000).await;
                stage.store.postgres.start_again().await.expect("it starts again");
            }
            Self::KillRedis => {
                redis.kill().await.expect("it dies");
                pause(dice, 2_000).await;
                redis.start_again().await.expect("it starts again");
            }
            Self::FlushRedis => redis.flush().await.expect("it forgets"),
            Self::FreezeRedis => {
                redis.freeze().await.expect("it freezes");
                pause(dice, 3_000).await;
                redis.thaw().await.expect("it goes on");
            }
            Self::StopAndStart => {
                fleet.at(victim).messaging("stop").await;
                let before = stage.begun().await.starts;
                pause(dice, 2_000).await;
                let more = stage.begun().await.starts - before;
                fleet.at(victim).messaging("start").await;
                return (more > 0).then(|| format!("{more} STARTs after a stop had answered"));
            }
        }
        None
    }
}

async fn pause(dice: &mut Dice, millis: usize) {
    after(Duration::from_millis(dice.below(millis) as u64)).await;
}
