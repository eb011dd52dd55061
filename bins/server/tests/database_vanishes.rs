//! The database vanishes for the replica that has just sent a message, for longer
//! than its lease and grace, and another replica takes the message for
//! abandoned. What the provider accepted is `sent` in the end, and never twice.

use dispatcher_mock_provider::{Behaviour, Config, Script};
use dispatcher_stage::{
    LIMIT, Replica, Stage,
    environment::usual,
    store::{Postgres, Store},
    tap::{Fault, Tap, Wire},
};
use dispatcher_testkit::{TestRedis, wait_until};

/// A replica whose line to the database can be cut, and its rival on a line that
/// holds.
struct Scene {
    stage: Stage,
    line: Tap,
    owner: Replica,
    rival: Replica,
}

const OWNER: &str = "owner";

impl Scene {
    /// The owner has one message at the provider, which holds its answer.
    async fn set(settings: &[(&str, &str)]) -> Self {
        let stage = Stage::set(Config::scripted(Script::always(Behaviour::Hold))).await;
        let server = stage.store.server().expect("a server");
        let line = Tap::before(server, Wire::Postgres).await;
        let soon = [("RESCUE_GRACE", "0s"), ("DB_TIMEOUT", "2s"), ("RETRY_BASE", "100ms")];
        let settings = [&soon[..], settings].concat();
        let owner = start(&stage, OWNER, stage.store.variables_through(line.address()), &settings);
        let owner = owner.await;
        stage.insert(1, 1).await;
        stage.provider.wait_for_requests(1, LIMIT).await.expect("it is being sent");
        let rival = start(&stage, "rival", stage.store.variables(), &settings).await;
        Self { stage, line, owner, rival }
    }

    /// The provider accepts, the owner cannot say so, and its lease ends.
    async fn vanish(&self, how: Fault) {
        self.line.bring(how);
        self.stage.provider.script(Script::default());
        self.owner.until_logged("the outcome of a send is not recorded yet", 1).await;
        self.stage.end_leases_of_the_cut_off(&[OWNER.to_owned()]).await;
    }

    /// The owner gets through again, says what it knows, and goes on.
    async fn heal(mut self) {
        self.line.bring(Fault::None);
        self.stage
            .until_true("the attempt is on record", "SELECT outcome = 'accepted' FROM attempts")
            .await;
        assert!(self.rival.terminate().await.success());
        self.stage.insert(2, 3).await;
        self.stage.until_all_are_final().await;
        assert_eq!(self.stage.posts(), (4, 4), "each once");
        assert_eq!(self.stage.count("sent").await, 4);
    }
}

async fn start(
    stage: &Stage<Postgres>,
    name: &str,
    store: Vec<(&'static str, String)>,
    settings: &[(&str, &str)],
) -> Replica {
    let settings = [settings, &[("INSTANCE_NAME", name)]].concat();
    Replica::start(usual(store, &stage.provider.send_url()), &settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_receipt_in_redis_tells_the_others_what_it_could_not() {
    let redis = TestRedis::start().await.expect("a Redis");
    let scene = Scene::set(&[("REDIS_URL", redis.url())]).await;
    scene.vanish(Fault::Reset).await;
    scene.stage.until(1, "sent", Some("receipt")).await;
    scene.heal().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_receipt_it_is_in_doubt_until_the_owner_gets_through() {
    // A lease that ends by itself, while the owner watches.
    let scene = Scene::set(&[("SEND_TIMEOUT", "20s"), ("LEASE", "26s")]).await;
    scene.line.bring(Fault::BlackHole);
    scene.stage.provider.script(Script::default());
    scene.owner.until_logged("ALARM: a lease is over and the outcome of its send", 1).await;
    scene.stage.until(1, "unconfirmed", Some("lease_expired")).await;
    scene.stage.until_true("others looked into it", "SELECT probes > 2 FROM messages").await;
    assert_eq!(scene.stage.posts(), (1, 1), "nobody sends it again");
    let stage_is_sent = async || scene.stage.count("sent").await == 1;
    scene.line.bring(Fault::None);
    wait_until("late proof counts", LIMIT, stage_is_sent).await;
    scene.heal().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_is_killed_meanwhile_leaves_its_receipt() {
    let redis = TestRedis::start().await.expect("a Redis");
    let Scene { stage, line, owner, rival } = Scene::set(&[("REDIS_URL", redis.url())]).await;
    line.bring(Fault::BlackHole);
    stage.provider.script(Script::default());
    owner.until_logged("the outcome of a send is not recorded yet", 1).await;
    owner.kill().await;
    stage.end_leases_of_the_cut_off(&[OWNER.to_owned()]).await;
    stage.until(1, "sent", Some("receipt")).await;
    assert_eq!(stage.posts(), (1, 1));
    drop(rival);
}
