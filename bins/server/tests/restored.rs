//! A backup is put back, and what was sent since is not sent again: started
//! stopped, told by `reconcile`, settled, started.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{Stage, environment, program::run};
use dispatcher_testkit::TestRedis;
use serde_json::{Value, json};

const TABLES: [&str; 3] = ["messages", "attempts", "dispatch_control"];

/// What `pg_dump` would keep.
async fn back_up(stage: &Stage) {
    for table in TABLES {
        stage.run(&format!("CREATE TABLE kept_{table} AS TABLE {table}")).await;
    }
}

/// As `pg_restore --data-only --disable-triggers` does.
async fn restore(stage: &Stage) {
    stage.run("SET session_replication_role = replica").await;
    for table in TABLES {
        let columns = "SELECT string_agg(quote_ident(column_name), ', ') AS columns \
                       FROM information_schema.columns WHERE is_generated = 'NEVER'";
        let row = &stage.rows(&format!("{columns} AND table_name = '{table}'")).await[0];
        let columns: String = row.get("columns");
        stage.run(&format!("DELETE FROM {table}")).await;
        let rows = format!("SELECT {columns} FROM kept_{table}");
        stage.run(&format!("INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE {rows}")).await;
    }
    stage.run("SET session_replication_role = DEFAULT").await;
}

struct Scene {
    stage: Stage,
    redis: TestRedis,
}

impl Scene {
    /// Two are sent, a backup is made, two more are sent, the backup is put back;
    /// behind them are two that nobody has sent.
    async fn set() -> Self {
        let (stage, redis) =
            (Stage::set(Config::default()).await, TestRedis::start().await.expect("a Redis"));
        let scene = Self { stage, redis };
        let mut replica = scene.stage.replica(&[("REDIS_URL", scene.redis.url())]).await;
        scene.stage.insert(1, 2).await;
        scene.stage.until_all_are_final().await;
        replica.messaging("stop").await;
        scene.stage.insert(3, 2).await;
        back_up(&scene.stage).await;
        replica.messaging("start").await;
        scene.stage.until_all_are_final().await;
        assert!(replica.terminate().await.success(), "every receipt is written");
        restore(&scene.stage).await;
        // The operator of yesterday had stopped it; that must not be what saves us.
        scene.stage.run("UPDATE dispatch_control SET enabled = TRUE").await;
        scene.stage.insert(5, 2).await;
        assert_eq!((scene.stage.count("queued").await, scene.stage.posts()), (4, (4, 4)));
        scene
    }

    /// `reconcile` with these options and settings: exit code, standard output and error.
    async fn reconcile(
        &self,
        options: &[&str],
        settings: &[(&str, &str)],
    ) -> (Option<i32>, String, String) {
        let usual = environment(self.stage.database.parts(), &self.stage.provider.send_url());
        let mut all: Vec<(&str, &str)> =
            usual.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend([("REDIS_URL", self.redis.url())]);
        all.extend(settings);
        let ended = run(&[&["reconcile"], options].concat(), &all).await;
        (ended.code, ended.out, ended.err)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_since_the_backup_is_found_by_its_receipts_and_not_sent_again() {
    let scene = Scene::set().await;
    let stopped = [("REDIS_URL", scene.redis.url()), ("START_STOPPED", "true")];
    let replica = scene.stage.replica(&stopped).await;
    replica.until_logged("started stopped: nothing is sent until", 1).await;
    assert_eq!(replica.health().await["processing_status"], "stopped");

    let (code, out, err) = scene.reconcile(&[], &[]).await;
    assert_eq!(code, Some(1), "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    for (line, id) in lines.iter().zip([3, 4]) {
        assert!(
            line.starts_with(&format!("message {id} is queued here and was sent (receipt of "))
        );
    }
    assert!(lines[2].starts_with("4 messages are not sent here; 2 of them were sent"), "{out}");
    assert_eq!(scene.stage.count("queued").await, 4, "it only looks");

    let (code, out, err) = scene.reconcile(&["--settle", "--json"], &[]).await;
    assert_eq!(code, Some(0), "{err}");
    let told: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(told[2], json!({"looked_at": 4, "forgotten": 2, "settled": 2, "unanswered": 0}));
    let ids: Vec<_> = scene.stage.provider.ledger().into_iter().map(|it| it.message_id).collect();
    assert_eq!((&told[0]["message_id"], &told[0]["settled"]), (&json!(ids[2]), &json!(true)));

    replica.messaging("start").await;
    scene.stage.until_all_are_final().await;
    assert_eq!(scene.stage.count("sent").await, 6);
    assert_eq!(scene.stage.posts(), (6, 6), "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_can_be_asked_knows_it_without_any_receipt() {
    let scene = Scene::set().await;
    scene.redis.flush().await.expect("it is reachable");
    let (code, out, _) = scene.reconcile(&[], &[]).await;
    assert_eq!(code, Some(0), "an absent receipt says nothing: {out}");
    let look_up = scene.stage.provider.look_up_url();
    let asked = [("PROVIDER_LOOKUP_URL", look_up.as_str())];
    let (code, out, _) = scene.reconcile(&[], &asked).await;
    assert_eq!((code, out.matches("(look_up of ").count()), (Some(1), 2), "{out}");
    // Nothing is settled while replicas may overtake it.
    let (code, out, err) = scene.reconcile(&["--settle"], &asked).await;
    assert_eq!((code, out.as_str()), (Some(69), ""), "{err}");
    assert!(err.contains("POST /api/messaging/stop first"), "{err}");
    assert_eq!(scene.stage.count("queued").await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_witness_it_says_so_instead_of_that_all_is_well() {
    let scene = Scene::set().await;
    let none = [("REDIS_URL", "redis://127.0.0.1:1")];
    let (code, _, err) = scene.reconcile(&[], &none).await;
    assert_eq!(code, Some(69), "{err}");
    assert!(err.contains("the receipts cannot be read"), "{err}");
}
