//! Ends of calls that no program outside can bring about.

use super::*;
use crate::connection::creator;
use std::sync::mpsc;
use tempfile::TempDir;

/// A file with an empty table, and a time-out that is over soon, and yet long
/// enough for a busy machine to write what must succeed.
async fn numbers() -> (TempDir, Db) {
    let directory = tempfile::tempdir().unwrap();
    let mut config = SqliteConfig::new(directory.path().join("numbers.db"));
    let history = "CREATE TABLE dispatcher_schema_history (version)";
    creator(&config).unwrap().execute_batch(history).unwrap();
    config.timeout = Duration::from_millis(1500);
    let db = Db::open_to_send(&config, Timestamp::default).unwrap();
    db.write(|tx| tx.execute("CREATE TABLE numbers (n)", [])).await.unwrap();
    (directory, db)
}

async fn insert(db: &Db) -> Result<usize, StoreError> {
    db.write(|tx| tx.execute("INSERT INTO numbers VALUES (1)", [])).await
}

async fn count(db: &Db) -> i64 {
    let count = |tx: &Tx<'_>| tx.query_row("SELECT count(*) FROM numbers", [], |row| row.get(0));
    db.read(count).await.unwrap()
}

/// Lets the next COMMIT wait for a word, which tells whether to refuse it.
fn hold_commits(db: &Db) -> mpsc::Sender<bool> {
    let (word, waiting) = mpsc::channel();
    db.file.writer.submit(Fate::default(), move |connection| {
        let hook = move || waiting.recv().unwrap_or(false);
        connection.commit_hook(Some(hook)).unwrap();
    });
    word
}

#[tokio::test]
async fn a_commit_that_takes_too_long_is_unconfirmed_and_may_have_happened() {
    for (refuse, happened) in [(false, 1), (true, 0)] {
        let (_directory, db) = numbers().await;
        let word = hold_commits(&db);
        let error = insert(&db).await.unwrap_err();
        assert!(matches!(error, StoreError::Unconfirmed(_)), "{error:?}");
        assert_eq!(count(&db).await, 0, "readers do not wait for it");
        word.send(refuse).unwrap();
        drop(word);
        // Behind it in the line.
        insert(&db).await.unwrap();
        assert_eq!(count(&db).await, happened + 1);
    }
}

#[tokio::test]
async fn a_call_behind_one_that_hangs_is_unavailable_and_did_not_happen() {
    let (_directory, db) = numbers().await;
    let word = hold_commits(&db);
    insert(&db).await.unwrap_err();
    let error = insert(&db).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    drop(word);
    insert(&db).await.unwrap();
    assert_eq!(count(&db).await, 2, "the first and the last");
}

#[tokio::test]
async fn a_call_that_panics_is_undone_and_the_next_one_works() {
    let (_directory, db) = numbers().await;
    let panics = |tx: &Tx<'_>| -> rusqlite::Result<()> {
        tx.execute("INSERT INTO numbers VALUES (1)", [])?;
        panic!("on purpose")
    };
    let error = db.write(panics).await.unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
    insert(&db).await.unwrap();
    assert_eq!(count(&db).await, 1);
}
