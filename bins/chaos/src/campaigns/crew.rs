//! Replicas each of which has a tap on every line of its own.

use dispatcher_stage::{
    Replica, Stage,
    environment::usual,
    store::Store,
    tap::{Tap, Wire},
};
use dispatcher_testkit::TestRedis;
use std::net::SocketAddr;

/// The lines of one replica.
pub(crate) struct Taps {
    /// To the database, if that is a server.
    pub(crate) database: Option<Tap>,
    /// To Redis.
    pub(crate) redis: Tap,
    /// To the provider.
    pub(crate) provider: Tap,
}

/// A replica and its lines.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) replica: Replica,
    pub(crate) taps: Taps,
}

/// The replicas of a stage.
pub(crate) struct Crew<'a, S> {
    stage: &'a Stage<S>,
    redis: &'a TestRedis,
    settings: Vec<(&'static str, &'static str)>,
    started: usize,
    pub(crate) members: Vec<Member>,
    /// The names of those that were killed.
    pub(crate) dead: Vec<String>,
}

impl<'a, S: Store> Crew<'a, S> {
    /// Starts `size` replicas, or as many as the store allows.
    pub(crate) async fn start(
        stage: &'a Stage<S>,
        redis: &'a TestRedis,
        size: usize,
        settings: &[(&'static str, &'static str)],
    ) -> Self {
        let mut crew = Self {
            stage,
            redis,
            settings: settings.to_vec(),
            started: 0,
            members: Vec::new(),
            dead: Vec::new(),
        };
        for _ in 0..size.min(S::PROCESSES) {
            crew.hire().await;
        }
        crew
    }

    /// Starts one more.
    pub(crate) async fn hire(&mut self) {
        self.started += 1;
        let name = format!("replica-{}", self.started);
        let taps = Taps::of(self.stage, self.redis).await;
        let mut environment = taps.environment(self.stage);
        environment.push(("INSTANCE_NAME".to_owned(), name.clone()));
        let replica = Replica::start(environment, &self.settings).await;
        self.members.push(Member { name, replica, taps });
    }

    /// Whether Redis has a receipt under this key.
    pub(crate) async fn has_receipt(&self, key: &str) -> bool {
        let key = format!("receipt:{key}");
        self.redis.command(&["EXISTS", &key]).await.expect("an answer of Redis") == "1"
    }

    /// Kills one, and with it whatever is still on its lines.
    pub(crate) async fn kill(&mut self, place: usize) -> String {
        let Member { name, replica, taps } = self.members.remove(place);
        replica.kill().await;
        drop(taps);
        self.dead.push(name.clone());
        name
    }

    /// Ends them all in order; the names of those that did not end so.
    pub(crate) async fn end(self) -> Vec<String> {
        let mut disorderly = Vec::new();
        for mut member in self.members {
            let status = member.replica.terminate().await;
            if !status.success() {
                disorderly.push(format!("{} ended with {status}", member.name));
            }
        }
        disorderly
    }
}

impl Taps {
    async fn of<S: Store>(stage: &Stage<S>, redis: &TestRedis) -> Self {
        let database = match stage.store.server() {
            Some(server) => Some(Tap::before(server, Wire::Postgres).await),
            None => None,
        };
        Self {
            database,
            redis: Tap::before(address_of(redis), Wire::Redis).await,
            provider: Tap::before(stage.provider.addr(), Wire::Http).await,
        }
    }

    /// Watches for nothing any more.
    pub(crate) fn forget(&self) {
        let taps = [Some(&self.redis), Some(&self.provider), self.database.as_ref()];
        taps.into_iter().flatten().for_each(Tap::forget);
    }

    fn environment<S: Store>(&self, stage: &Stage<S>) -> Vec<(String, String)> {
        let store = match &self.database {
            Some(tap) => stage.store.variables_through(tap.address()),
            None => stage.store.variables(),
        };
        let mut environment = usual(store, &format!("http://{}/send", self.provider.address()));
        let url = format!("redis://{}", self.redis.address());
        environment.retain(|(name, _)| name != "REDIS_URL");
        environment.push(("REDIS_URL".to_owned(), url));
        environment
    }
}

fn address_of(redis: &TestRedis) -> SocketAddr {
    let url = redis.url().trim_start_matches("redis://");
    let place = url.split('/').next().unwrap_or(url);
    place.parse().expect("a Redis of ours listens at an address")
}
