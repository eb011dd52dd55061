//! One process at a time sends from a file.

#[cfg(unix)]
use crate::{crashes::child, steps::LIMIT};
use crate::{
    steps::{Replica, hello},
    support::TestFile,
};
use dispatcher_domain::{
    Terms,
    ports::{MessageArchive, MessageRepo},
};
use dispatcher_sqlite::{Db, OpenError};
#[cfg(unix)]
use dispatcher_testkit::process::Signal;

#[cfg(unix)]
fn open(file: &TestFile) -> Result<Db, OpenError> {
    let time = file.time.clone();
    Db::open_to_send(&file.config(), move || time.now())
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_process_is_refused_by_name_and_let_in_when_the_first_is_killed() {
    let file = TestFile::migrated().await;
    let mut first = child(&file);
    first.wait_for_line("#5 ", LIMIT).await.unwrap();

    let Err(error) = open(&file) else { panic!("two would send") };
    assert!(matches!(error, OpenError::InUse { process: Some(p), .. } if p == first.pid()));
    let text = error.to_string();
    let by = format!("messages.db is in use: process {} sends from it", first.pid());
    assert!(text.contains(&by) && text.contains("messages.db.lock"), "{text}");

    first.signal(Signal::Kill).unwrap();
    first.wait_for_exit(LIMIT).await.unwrap();
    open(&file).unwrap();
}

#[tokio::test]
async fn another_name_of_the_file_meets_the_same_lock() {
    let file = TestFile::migrated().await;
    let _first = file.open();
    let mut config = file.config();
    config.path = file.directory().join(".").join("messages.db");
    let Err(error) = Db::open_to_send(&config, jiff::Timestamp::default) else { panic!("locked") };
    assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    #[cfg(unix)]
    {
        config.path = file.directory().join("link.db");
        std::os::unix::fs::symlink(file.path(), &config.path).unwrap();
        let Err(error) = Db::open_to_send(&config, jiff::Timestamp::default) else {
            panic!("locked")
        };
        assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_file_that_was_closed_can_be_opened_at_once() {
    let file = TestFile::migrated().await;
    for _ in 0..20 {
        let replica = Replica::of(&file);
        replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    }
}

#[tokio::test]
async fn others_may_enqueue_and_list_beside_the_one_that_sends() {
    let file = TestFile::migrated().await;
    let sender = Replica::of(&file);
    let other = Replica::over(Db::open(&file.config(), jiff::Timestamp::default).unwrap());
    let enqueued = other.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    let message = sender.start_one().await;
    assert_eq!(message.id, enqueued.id);
    sender.finish(&message).await;
    assert_eq!(other.archive.count_sent().await.unwrap(), 1);
}
