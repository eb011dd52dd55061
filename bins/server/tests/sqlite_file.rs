//! What happens to a file: another server on it, moved, deleted, replaced, of
//! another version, on a full disk or one that became read only. What was in
//! flight is recorded as soon as the file takes it.

use dispatcher_mock_provider::Config;
use dispatcher_stage::{
    LIMIT,
    file::{FileStage, refused},
    oracle::Books,
};
use std::{fs, time::Duration};

const MOVED: &str = "was moved, deleted or replaced while it was open";
/// What cannot be recorded does not hold up the end of these tests.
const SETTINGS: [(&str, &str); 2] = [("DB_TIMEOUT", "1s"), ("SHUTDOWN_TIMEOUT", "1s")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_is_refused_with_the_number_of_the_first_which_goes_on() {
    let latency = Duration::from_millis(20);
    let stage = FileStage::with(Config { latency, ..Config::default() }).await;
    stage.insert(1, 40).await;
    let mut first = stage.replica(&[]).await;
    stage.provider.wait_for_requests(2, LIMIT).await.expect("sends");
    let (code, told) = refused(stage.environment()).await;
    assert_eq!(code, Some(69), "{told}");
    let by = format!("process {} sends from it", first.program.pid());
    assert!(told.contains(&by) && told.contains("messages.db.lock"), "{told}");
    stage.insert(41, 10).await;
    stage.until_sent(50).await;
    assert!(first.terminate().await.success());
    let books = Books::of(&stage).await;
    books.balance(50);
    books.accepted_in_queue_order();
    // Now it may.
    let _second = stage.replica(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_file_that_is_moved_nothing_is_sent_until_it_is_back() {
    let stage = FileStage::held().await;
    stage.insert(1, 2).await;
    let replica = stage.replica(&SETTINGS).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    let aside = stage.directory().join("aside.db");
    fs::rename(stage.path(), &aside).expect("a new name");
    stage.answer();
    replica.program.wait_for_line("is not recorded yet", LIMIT).await.expect("it cannot");
    replica.program.wait_for_line(MOVED, LIMIT).await.expect("it says why");
    replica.until_store_is("unhealthy").await;
    assert_eq!(stage.provider.requests().len(), 1);
    assert_eq!(stage.count("sending").await, 1);
    fs::rename(&aside, stage.path()).expect("its name");
    stage.until_sent(2).await;
    replica.until_store_is("healthy").await;
    assert_eq!(stage.provider.requests().len(), 2, "each was POSTed once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_replaced_is_not_written_and_the_next_server_takes_it() {
    let mut stage = FileStage::with(Config::default()).await;
    let mut replica = stage.replica(&SETTINGS).await;
    stage.insert(1, 1).await;
    stage.until_sent(1).await;
    let backup = stage.directory().join("backup.db");
    stage.sql.execute("VACUUM INTO ?1", [backup.to_str()]).expect("a copy");
    stage.store.close();
    fs::rename(&backup, stage.path()).expect("in its place");
    replica.program.wait_for_line(MOVED, LIMIT).await.expect("it notices");
    replica.until_store_is("unhealthy").await;
    assert!(replica.terminate().await.success(), "{}", replica.log());
    // It left its log, which belongs to the former file.
    stage.store.remove_log();
    stage.store.reopen();
    stage.insert(2, 1).await;
    let next = stage.replica(&SETTINGS).await;
    stage.until_sent(2).await;
    next.until_store_is("healthy").await;
    assert_eq!(stage.provider.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_deleted_stops_all_and_the_next_start_says_what_to_do() {
    let stage = FileStage::held().await;
    stage.insert(1, 2).await;
    let mut replica = stage.replica(&SETTINGS).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    fs::remove_file(stage.path()).expect("it is gone");
    stage.answer();
    replica.program.wait_for_line("is not recorded yet", LIMIT).await.expect("it cannot");
    replica.until_store_is("unhealthy").await;
    assert!(replica.terminate().await.success(), "{}", replica.log());
    assert_eq!(stage.provider.requests().len(), 1);
    let (code, told) = refused(stage.environment()).await;
    assert_eq!(code, Some(69), "{told}");
    assert!(told.contains("there is no database at"), "{told}");
    assert!(told.contains("run message-dispatcher-migrate"), "{told}");
    assert!(!stage.path().exists(), "a server makes no file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_another_version_or_of_somebody_else_is_refused_and_stays_as_it_is() {
    let newer = "INSERT INTO dispatcher_schema_history (version, name, applied_on, checksum) \
                 VALUES (900, 'of_the_future', '', '')";
    let older = "DELETE FROM dispatcher_schema_history WHERE version > 1";
    let none = "DROP TABLE dispatcher_schema_history";
    for (change, advice) in [
        (newer, "has schema 900, newer"),
        (older, "run message-dispatcher-migrate"),
        (none, "is not migrated: run message-dispatcher-migrate"),
    ] {
        let stage = FileStage::with(Config::default()).await;
        stage.insert(1, 1).await;
        stage.sql.execute_batch(change).expect("a change");
        let (code, told) = refused(stage.environment()).await;
        assert_eq!(code, Some(69), "{told}");
        assert!(told.contains(advice), "{told}");
        assert_eq!(stage.count("queued").await, 1);
    }
    let stage = FileStage::with(Config::default()).await;
    fs::remove_file(stage.path()).expect("it is gone");
    let letter = "Dear reader, ".repeat(100);
    fs::write(stage.path(), &letter).expect("a letter");
    let (code, told) = refused(stage.environment()).await;
    assert_eq!(code, Some(69), "{told}");
    assert!(told.contains("is no SQLite database"), "{told}");
    assert_eq!(fs::read_to_string(stage.path()).expect("a text"), letter);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_no_send_starts_and_what_is_in_flight_is_recorded_when_there_is_room() {
    let Some(stage) = FileStage::held_on_a_small_disk().await else { return };
    stage.insert(1, 2).await;
    let replica = stage.replica(&SETTINGS).await;
    stage.provider.wait_for_requests(1, LIMIT).await.expect("a send");
    stage.disk().fill();
    stage.answer();
    replica.program.wait_for_line("the disk is full", LIMIT).await.expect("it says so");
    replica.until_store_is("unhealthy").await;
    let message = serde_json::json!({"phone_number": "+905551234567", "content": "Hello"});
    assert_eq!(replica.post("/api/messages", &message).await.0, 503);
    assert_eq!(stage.provider.requests().len(), 1);
    stage.disk().make_room();
    stage.until_sent(2).await;
    replica.until_store_is("healthy").await;
    assert_eq!(stage.provider.requests().len(), 2, "each was POSTed once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_read_only_is_told_at_the_start() {
    let Some(mut stage) = FileStage::held_on_a_small_disk().await else { return };
    stage.insert(1, 1).await;
    stage.store.close();
    stage.disk().make_read_only();
    let (code, told) = refused(stage.environment()).await;
    assert_eq!(code, Some(69), "{told}");
    assert!(told.contains("this user needs to"), "{told}");
    assert_eq!(stage.provider.requests().len(), 0);
}
