//! Several replicas on one stage, ended and replaced while they work.

use super::{Replica, Stage, program::server, spawn_program, store::Store};
use dispatcher_testkit::process::Signal;
use std::path::{Path, PathBuf};

/// Replicas of one service. Each has a name of its own, also those that take
/// the place of others.
pub struct Fleet {
    environment: Vec<(String, String)>,
    settings: Vec<(&'static str, &'static str)>,
    /// Of which replicas are made from now on.
    program: PathBuf,
    crew: Vec<(String, Replica)>,
    started: usize,
    /// The names of those that were killed.
    pub killed: Vec<String>,
}

impl Fleet {
    /// Starts `size` replicas with these settings, or as many as the store allows.
    pub async fn start<S: Store>(
        stage: &Stage<S>,
        size: usize,
        settings: &[(&'static str, &'static str)],
    ) -> Self {
        Self::start_in(stage.environment(), size.min(S::PROCESSES), settings).await
    }

    /// The same in an environment that is not quite that of a stage.
    pub async fn start_in(
        environment: Vec<(String, String)>,
        size: usize,
        settings: &[(&'static str, &'static str)],
    ) -> Self {
        let mut fleet = Self {
            environment,
            settings: settings.to_vec(),
            program: server(),
            crew: Vec::new(),
            started: 0,
            killed: Vec::new(),
        };
        for place in 0..size {
            fleet.fill(place).await;
        }
        fleet
    }

    /// Makes replicas of this server from now on: of another version, say.
    pub fn use_program(&mut self, program: &Path) {
        program.clone_into(&mut self.program);
    }

    /// Starts one more.
    pub async fn hire(&mut self) {
        self.fill(self.size()).await;
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.crew.len()
    }

    /// The replica in this place; of a small fleet one that stands in for it.
    pub fn at(&self, place: usize) -> &Replica {
        &self.crew[place % self.size()].1
    }

    /// The names of those that run.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.crew.iter().map(|(name, _)| name.as_str())
    }

    /// The place of the replica of this name, if it runs.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.crew.iter().position(|(its, _)| its == name)
    }

    /// Asks one to end, which it must do in order, and starts another. What the
    /// one that ended was called, and what it logged.
    pub async fn restart(&mut self, place: usize) -> (String, String) {
        let ended = self.terminate(place).await;
        self.fill(place).await;
        ended
    }

    /// Sends one a signal that it survives.
    pub fn signal(&mut self, place: usize, signal: Signal) {
        self.crew[place].1.program.signal(signal).expect("a signal");
    }

    /// Kills one, and starts another.
    pub async fn kill(&mut self, place: usize) {
        let (name, replica) = self.crew.remove(place);
        replica.kill().await;
        self.killed.push(name);
        self.fill(place).await;
    }

    /// Ends them all in order: what they had to write is written. What they
    /// logged.
    pub async fn end(mut self) -> String {
        let mut logs = String::new();
        while !self.crew.is_empty() {
            logs += &self.terminate(0).await.1;
        }
        logs
    }

    /// Ends one in order; its name, and what it logged.
    async fn terminate(&mut self, place: usize) -> (String, String) {
        let (name, mut replica) = self.crew.remove(place);
        let status = replica.terminate().await;
        assert!(status.success(), "{name} ended with {status}:\n{}", replica.log());
        let log = replica.log();
        (name, log)
    }

    async fn fill(&mut self, place: usize) {
        self.started += 1;
        let name = format!("replica-{}", self.started);
        let mut environment = self.environment.clone();
        environment.push(("INSTANCE_NAME".to_owned(), name.clone()));
        let program = spawn_program(&self.program, environment, &self.settings);
        let replica = Replica::listening(program).await;
        self.crew.insert(place, (name, replica));
    }
}
