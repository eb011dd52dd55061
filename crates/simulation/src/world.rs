//! Replicas that come and go, and what else happens.

use crate::{
    chance::Chance,
    check::Witness,
    clock::store_time,
    history::History,
    operator::Operator,
    plan::Plan,
    replica::{Replica, Surroundings},
    schedule::{Schedule, Step},
};
use dispatcher_domain::ports::DispatchControl;
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use std::{sync::Arc, time::Duration};

/// Everything there is.
pub(crate) struct World {
    around: Surroundings,
    operator: Operator,
    replicas: Vec<Replica>,
    /// Those that were asked to end, and have not yet.
    leaving: Vec<Replica>,
    hired: usize,
    stored: usize,
    pub(crate) crashes: usize,
    pub(crate) freezes: usize,
}

/// However long it takes to come to an end: more turns are no end.
const MOST_TURNS: usize = 60_000;
/// So often everybody who can go on does, before somebody is chosen: a task that
/// wakes another one is a chain.
const CHAIN: usize = 6;

impl World {
    pub(crate) async fn new(plan: Plan, chance: Chance, history: History) -> Self {
        let schedule = Schedule::new(chance, history);
        let clock = schedule.clone();
        let store = MemoryStore::new(move || store_time(&clock));
        let witness = Arc::new(Witness::new(plan, store.clone(), schedule.clone()));
        let cache = Arc::new(MemoryDeliveryCache::default());
        let around = Surroundings { plan, schedule, store, cache, witness };
        let installed = around.store.install_policy(plan.policy).await;
        debug_assert!(installed.is_ok(), "a memory store takes everything");
        let mut world = Self {
            operator: Operator::new(&around),
            around,
            replicas: Vec::new(),
            leaving: Vec::new(),
            hired: 0,
            stored: 0,
            crashes: 0,
            freezes: 0,
        };
        for _ in 0..plan.messages {
            world.store().await;
        }
        for _ in 0..plan.replicas {
            world.hire();
        }
        world
    }

    pub(crate) fn witness(&self) -> &Witness {
        &self.around.witness
    }

    async fn store(&mut self) {
        self.operator.store().await;
        self.stored += 1;
    }

    fn hire(&mut self) {
        self.replicas.push(Replica::start(self.hired, &self.around));
        self.hired += 1;
    }

    /// The wild part.
    ///
    /// # Errors
    /// The promise that was broken.
    pub(crate) async fn storm(&mut self) -> Result<(), String> {
        for _ in 0..self.around.plan.turns {
            self.turn().await?;
            self.happen().await;
        }
        Ok(())
    }

    /// Everything calms down, and comes to its end.
    ///
    /// # Errors
    /// The promise that was broken.
    pub(crate) async fn calm(&mut self) -> Result<(), String> {
        self.around.witness.calm_down();
        self.around.schedule.calm_down();
        while let Some(replica) = self.leaving.pop() {
            self.crash(replica).await;
        }
        while self.replicas.len() > 1 {
            let replica = self.replicas.swap_remove(0);
            replica.drain();
            self.crash(replica).await;
        }
        if self.replicas.is_empty() {
            self.hire();
        }
        for turn in 0..MOST_TURNS {
            if turn % 50 == 0 {
                self.operator.start();
            }
            self.turn().await?;
            if self.around.witness.unfinished().is_none() {
                return Ok(());
            }
        }
        Err(self.around.witness.unfinished().unwrap_or_default())
    }

    /// One turn, and a look at what it has done.
    async fn turn(&self) -> Result<(), String> {
        settle().await;
        if self.around.schedule.step() == Step::Turn {
            settle().await;
            self.around.witness.look().map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    /// What happens between two turns, now and then.
    async fn happen(&mut self) {
        let chance = self.around.schedule.chance.clone();
        let wild = self.around.plan.faults;
        if chance.in_a_thousand(wild / 3) && !self.replicas.is_empty() {
            let replica = self.replicas.swap_remove(chance.below(self.replicas.len()));
            self.crashes += 1;
            self.crash(replica).await;
        }
        if chance.in_a_thousand(4) && !self.replicas.is_empty() {
            let replica = self.replicas.swap_remove(chance.below(self.replicas.len()));
            replica.drain();
            self.around.witness.saw_drain(replica.id);
            self.leaving.push(replica);
        }
        if self.replicas.len() < self.around.plan.replicas && chance.in_a_thousand(150) {
            self.hire();
        }
        if chance.in_a_thousand(wild / 5) && !self.replicas.is_empty() {
            let replica = self.replicas[chance.below(self.replicas.len())].id;
            let time = Duration::from_millis(chance.below(20_000) as u64);
            self.around.schedule.history.tell(|| format!("{:>14} r{replica} freezes", ""));
            self.freezes += 1;
            self.around.schedule.freeze(replica, time);
        }
        if chance.in_a_thousand(15) {
            self.store().await;
        }
        match chance.below(400) {
            0..4 => self.operator.stop(),
            4..12 => self.operator.start(),
            12..20 => self.operator.decide(self.stored),
            _ => {}
        }
    }

    async fn crash(&self, replica: Replica) {
        let id = replica.id;
        self.around.schedule.history.tell(|| format!("{:>14} r{id} crashes", ""));
        drop(replica);
        settle().await;
    }
}

/// Lets everybody go on who waits for nobody outside.
async fn settle() {
    for _ in 0..CHAIN {
        tokio::task::yield_now().await;
    }
}
