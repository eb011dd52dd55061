//! What `dev` keeps between two runs, and what it leaves behind.

use dispatcher_mock_provider::LedgerEntry;
use dispatcher_stage::{LIMIT, Replica, leases::end_every_lease, sql::Sql, store::connect};
use dispatcher_testkit::{
    process::{Program, Signal, Stream},
    wait_until,
};
use serde_json::Value;
use std::{collections::HashSet, fs, path::Path, process::Command};

const SAMPLES: i64 = 6;

/// Starts `dev` on this directory, or on one of its own; temporary files go to
/// `temporary`.
fn start(data_dir: Option<&Path>, temporary: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-dispatcher-server"));
    command.args(["dev", "--port", "0", "--interval", "0s"]);
    command.env_clear().current_dir(temporary).env("TMPDIR", temporary);
    // Nothing is parked but what a kill left behind.
    command.envs([("LEASE", "10m"), ("SEND_TIMEOUT", "50s"), ("RESCUE_GRACE", "0s")]);
    if let Some(directory) = data_dir {
        command.arg("--data-dir").arg(directory);
    }
    Program::spawn(&mut command).expect("the server starts")
}

/// A running `dev`.
async fn run(data_dir: Option<&Path>, temporary: &Path) -> Replica {
    let program = start(data_dir, temporary);
    let line = program.wait_for_line("Message Dispatcher runs at", LIMIT).await.expect("it runs");
    let base = line.rsplit(' ').next().expect("an address").to_owned();
    Replica::at(program, base).await
}

/// How many the list of sent messages has.
async fn sent(dev: &Replica) -> Value {
    dev.get("/api/messages/sent").await.1["total"].clone()
}

async fn insert(directory: &Path, first: i32, count: i32) {
    let rows: Vec<String> =
        (first..first + count).map(|n| format!("('+90555{n:07}', 'message {n}')")).collect();
    let sql = connect(&directory.join("messages.db"));
    sql.run(&format!("INSERT INTO messages (phone_number, content) VALUES {}", rows.join(", ")))
        .await;
}

fn ledger(directory: &Path) -> Vec<LedgerEntry> {
    let text = fs::read_to_string(directory.join("ledger.jsonl")).expect("a ledger");
    text.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_directory_goes_on_where_the_last_run_ended_and_samples_come_once() {
    let temporary = tempfile::tempdir().expect("a directory");
    let data = temporary.path().join("deep").join("data");
    let mut dev = run(Some(&data), temporary.path()).await;
    wait_until("the samples are sent", LIMIT, async || sent(&dev).await == SAMPLES).await;
    dev.messaging("stop").await;
    insert(&data, 1, 3).await;
    assert!(dev.terminate().await.success(), "{}", dev.log());
    assert!(!data.join("messages.db-wal").exists(), "one file, to be copied as it is");

    let mut dev = run(Some(&data), temporary.path()).await;
    assert_eq!(sent(&dev).await, SAMPLES, "a stop outlives a restart");
    dev.messaging("start").await;
    wait_until("the rest is sent", LIMIT, async || sent(&dev).await == SAMPLES + 3).await;
    assert!(dev.terminate().await.success(), "{}", dev.log());
    assert_eq!(ledger(&data).len(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_nothing_and_send_nothing_twice() {
    let temporary = tempfile::tempdir().expect("a directory");
    let data = temporary.path().join("data");
    let mut stored = 0;
    for _ in 0..3 {
        let dev = run(Some(&data), temporary.path()).await;
        insert(&data, stored + 1, 50).await;
        stored += 50;
        let before = ledger(&data).len();
        wait_until("some are sent", LIMIT, async || ledger(&data).len() > before + 5).await;
        dev.kill().await;
        end_every_lease(&connect(&data.join("messages.db"))).await;
    }
    let mut dev = run(Some(&data), temporary.path()).await;
    let sql = connect(&data.join("messages.db"));
    let left = "SELECT 1 FROM messages WHERE status IN ('queued', 'sending')";
    wait_until("all are done", LIMIT, async || sql.rows(left).await.is_empty()).await;
    assert!(dev.terminate().await.success(), "{}", dev.log());

    let rows = sql.rows("SELECT status, uuid || '-' || key_epoch AS key FROM messages").await;
    assert_eq!(rows.len(), usize::try_from(stored).expect("few") + 6, "samples come once");
    let ledger = ledger(&data);
    let keys: HashSet<_> = ledger.iter().filter_map(|it| it.idempotency_key.clone()).collect();
    let texts: HashSet<_> = ledger.iter().map(|it| &it.content).collect();
    assert_eq!((keys.len(), texts.len()), (ledger.len(), ledger.len()), "nothing twice");
    let mut parked = 0;
    for row in rows {
        match row.get::<String>("status").as_str() {
            "sent" => assert!(keys.contains(&row.get::<String>("key")), "never accepted: {row:?}"),
            "unconfirmed" => parked += 1,
            _ => panic!("{row:?}"),
        }
    }
    assert!(parked <= 3, "one at a time is in flight: {parked} parked by three kills");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_one_on_the_same_directory_is_refused_and_the_first_goes_on() {
    let temporary = tempfile::tempdir().expect("a directory");
    let data = temporary.path().join("data");
    let first = run(Some(&data), temporary.path()).await;
    let mut second = start(Some(&data), temporary.path());
    let status = second.wait_for_exit(LIMIT).await.expect("an end");
    let told = second.lines(Stream::Err).join("\n");
    assert_eq!(status.code(), Some(69), "{told}");
    assert!(told.contains("in use") && told.contains("--data-dir"), "{told}");
    insert(&data, 1, 1).await;
    wait_until("all are sent", LIMIT, async || sent(&first).await == SAMPLES + 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_directory_nothing_is_left() {
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let temporary = tempfile::tempdir().expect("a directory");
        let mut dev = run(None, temporary.path()).await;
        let files = || fs::read_dir(temporary.path()).expect("a directory").count();
        assert_eq!(files(), 1, "its own");
        wait_until("something is sent", LIMIT, async || sent(&dev).await != 0).await;
        dev.program.signal(signal).expect("a signal");
        assert!(dev.program.wait_for_exit(LIMIT).await.expect("an end").success());
        assert_eq!(files(), 0, "{signal:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_insert_that_it_prints_can_be_typed_whatever_the_directory_is_called() {
    let temporary = tempfile::tempdir().expect("a directory");
    let data = temporary.path().join("mum's data & \"more\" $HOME ü");
    let dev = run(Some(&data), temporary.path()).await;
    dev.program.wait_for_line("Ctrl-C stops it", LIMIT).await.expect("the last line");
    let text = dev.program.lines(Stream::Out).join("\n");
    let (_, typed) = text.split_once("  sqlite3 ").expect("a line to type");
    let (typed, _) = typed.split_once("The file stays").expect("what follows it");
    let typed = format!("sqlite3 {typed}");
    let shell = Command::new("sh").args(["-c", &typed]).output().expect("a shell");
    assert!(shell.status.success(), "{typed}\n{shell:?}");
    wait_until("all are sent", LIMIT, async || sent(&dev).await == SAMPLES + 1).await;
}
