//! One schedule, from its seed to its verdict.

use crate::{chance::Chance, history::History, plan::Plan, world::World};
use std::fmt;

/// What came of a schedule.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// STARTs.
    pub starts: usize,
    /// POSTs that arrived.
    pub posts: usize,
    /// SMS.
    pub accepted: usize,
    /// Messages in doubt at the end.
    pub parked: usize,
    /// Crashes of replicas.
    pub crashes: usize,
    /// Freezes of replicas.
    pub freezes: usize,
}

/// A schedule that broke a promise.
#[derive(Debug)]
pub struct Violation {
    /// Repeats it.
    pub seed: u64,
    /// Which promise, and how.
    pub what: String,
    /// What was played.
    pub plan: Plan,
    /// Turn by turn.
    pub history: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {}\n{:?}", self.seed, self.what, self.plan)?;
        self.history.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Plays the schedule of this seed.
///
/// # Errors
/// The promise that it broke, with its history.
pub fn run(seed: u64) -> Result<Report, Box<Violation>> {
    play(seed, History::not_kept()).or_else(|_| replay(seed))
}

/// The same, and keeps its history from the beginning.
///
/// # Errors
/// The promise that it broke, with its history.
pub fn replay(seed: u64) -> Result<Report, Box<Violation>> {
    let history = History::kept();
    play(seed, history.clone())
        .map_err(|(what, plan)| Box::new(Violation { seed, what, plan, history: history.lines() }))
}

fn play(seed: u64, history: History) -> Result<Report, (String, Plan)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without threads, sockets or timers");
    let chance = Chance::of(seed);
    let plan = Plan::draw(&chance);
    runtime.block_on(async {
        let mut world = World::new(plan, chance, history).await;
        world.storm().await.map_err(|what| (what, plan))?;
        world.calm().await.map_err(|what| (what, plan))?;
        let [starts, posts, accepted, parked] = world.witness().figures();
        let (crashes, freezes) = (world.crashes, world.freezes);
        Ok(Report { starts, posts, accepted, parked, crashes, freezes })
    })
}
