//! What befalls the two servers.

use crate::limit::{Stopwatch, after, within};
use dispatcher_stage::{
    Stage,
    paired::Paired,
    tap::{
        Edge::{After, Before, Unanswered},
        Fault,
        Moment::{self, Commit},
        Step, Tap, Wire,
    },
};
use dispatcher_testkit::{chance::Dice, wait_until};
use std::{net::SocketAddr, time::Duration};

/// A call of a replica to the database lasts for at most so long, see `play`.
pub(super) const DB_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a moment is waited for, at most.
const PATIENT: Duration = Duration::from_secs(60);

/// Of the protocol; all of them come again and again while something is queued.
const MOMENTS: [Moment; 6] = [
    Commit(Step::Claim, Before),
    Commit(Step::Claim, Unanswered),
    Commit(Step::Claim, After),
    Commit(Step::Completion, Before),
    Commit(Step::Completion, Unanswered),
    Commit(Step::Completion, After),
];

/// What befalls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    /// The primary dies.
    Death,
    /// The same at a moment of the protocol.
    DeathAt(Moment),
    /// The replicas lose the primary, which lives on; it is fenced, as it must be.
    CutOff,
    /// The standby dies, and comes back.
    StandbyAway,
    /// The same, and an administrator ends the waiting for it meanwhile.
    WaitsEnded,
    /// And then the primary dies: what was committed without waiting is gone.
    Forgotten,
}

impl Blow {
    /// One of them.
    pub(super) fn any(dice: &mut Dice) -> Self {
        match dice.below(10) {
            0 | 1 => Self::Death,
            2..=4 => Self::DeathAt(MOMENTS[dice.below(MOMENTS.len())]),
            5 => Self::CutOff,
            6 => Self::StandbyAway,
            7 => Self::WaitsEnded,
            _ => Self::Forgotten,
        }
    }
}

/// The taps before both servers, which all replicas share.
pub(super) struct Lines([Tap; 2]);

impl Lines {
    pub(super) async fn of(stage: &Stage<Paired>) -> Self {
        let [one, other] =
            stage.pair.places().map(|parts| SocketAddr::from(([127, 0, 0, 1], parts.port)));
        Self([Tap::before(one, Wire::Postgres).await, Tap::before(other, Wire::Postgres).await])
    }

    /// What a replica is told.
    pub(super) fn url(&self, stage: &Stage<Paired>) -> String {
        stage.pair.url_through(self.0.each_ref().map(|tap| ("127.0.0.1", tap.address().port())))
    }

    /// All of them are well again.
    pub(super) fn mend(&self) {
        self.0.iter().for_each(|tap| tap.bring(Fault::None));
    }
}

/// What a blow did.
#[derive(Default)]
pub(super) struct Struck {
    /// So many COMMITs were told not to wait.
    pub(super) waits_ended: usize,
    /// Since the primary died, if it did: then the other one is the primary now.
    pub(super) died: Option<Stopwatch>,
}

/// Strikes, and fails over where that is called for.
///
/// # Errors
/// When the moment does not come.
pub(super) async fn strike(
    stage: &Stage<Paired>,
    lines: &Lines,
    blow: Blow,
    dice: &mut Dice,
) -> Result<Struck, String> {
    let pair = &stage.store.pair;
    let line = &lines.0[pair.place_of_primary()];
    let mut struck = Struck::default();
    match blow {
        Blow::Death => {}
        Blow::DeathAt(moment) => {
            let come = line.watch(moment);
            if !within(PATIENT, async { drop(come.await) }).await {
                return Err(format!("nobody came to {moment:?}"));
            }
        }
        Blow::CutOff => {
            line.bring(Fault::BlackHole);
            pause(dice, DB_TIMEOUT * 2).await;
        }
        Blow::StandbyAway => {
            pair.kill_standby().await.expect("the standby dies");
            pause(dice, DB_TIMEOUT * 2).await;
        }
        Blow::WaitsEnded | Blow::Forgotten => {
            pair.kill_standby().await.expect("the standby dies");
            struck.waits_ended = end_waits(stage, dice).await;
        }
    }
    let (primary_dies, standby_died) = match blow {
        Blow::Death | Blow::DeathAt(_) | Blow::CutOff => (true, false),
        Blow::StandbyAway | Blow::WaitsEnded => (false, true),
        Blow::Forgotten => (true, true),
    };
    if primary_dies {
        struck.died = Some(Stopwatch::start());
        pair.kill_primary().await.expect("the primary dies");
        // What it had said, and a line that stands still had to carry, is lost, or
        // arrives late.
        if dice.heads() {
            line.cut();
        }
        line.forget();
    }
    if standby_died {
        pair.start_standby().await.expect("it comes back");
    }
    if primary_dies {
        pair.promote().await.expect("the standby is promoted");
    }
    Ok(struck)
}

/// Ends the waiting of a few, and gives what follows from it some time.
async fn end_waits(stage: &Stage<Paired>, dice: &mut Dice) -> usize {
    let (mut ended, few) = (0, 1 + dice.below(6));
    wait_until("COMMITs wait for the standby", PATIENT, async || {
        ended += stage.cancel_waits().await;
        ended >= few
    })
    .await;
    pause(dice, Duration::from_millis(500)).await;
    ended
}

/// At most so long.
async fn pause(dice: &mut Dice, most: Duration) {
    let micros = usize::try_from(most.as_micros()).expect("short");
    after(Duration::from_micros(dice.below(micros) as u64)).await;
}
