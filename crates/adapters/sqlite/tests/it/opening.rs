//! Files that are not what they should be.

use crate::{
    steps::{Replica, enqueue, hello, whole_text},
    support::TestFile,
};
use dispatcher_domain::{
    Terms,
    ports::{MessageRepo, StoreError},
};
use dispatcher_sqlite::{
    Db, FileError, OpenError, SqliteConfig,
    migrations::{self, MigrateError, SchemaError},
};
use std::{fs, io::Write, time::Duration};

fn refused(file: &TestFile, config: &SqliteConfig) -> OpenError {
    let time = file.time.clone();
    match Db::open_to_send(config, move || time.now()) {
        Ok(_) => panic!("must be refused"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn no_file_names_the_program_that_makes_it_and_makes_none() {
    let file = TestFile::nowhere();
    let error = refused(&file, &file.config());
    assert!(matches!(error, OpenError::NoDatabase { .. }), "{error:?}");
    assert!(error.to_string().contains("run message-dispatcher-migrate"), "{error}");
    assert_eq!(fs::read_dir(file.directory()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_directory_is_no_file() {
    let file = TestFile::nowhere();
    let error = refused(&file, &SqliteConfig::new(file.directory()));
    assert!(matches!(error, OpenError::Directory { .. }), "{error:?}");
}

#[tokio::test]
async fn another_kind_of_file_is_no_database_and_stays_as_it_is() {
    let file = TestFile::nowhere();
    let letter = "Dear reader, ".repeat(1000);
    fs::write(file.path(), &letter).unwrap();
    let error = refused(&file, &file.config());
    assert!(matches!(error, OpenError::File(FileError::NotADatabase { .. })), "{error:?}");
    assert!(!error.is_transient() && error.to_string().contains("messages.db"), "{error}");
    assert_eq!(fs::read_to_string(file.path()).unwrap(), letter);
}

#[tokio::test]
async fn a_database_of_somebody_else_is_refused_and_stays_as_it_is() {
    let file = TestFile::nowhere();
    file.shell().execute_batch("CREATE TABLE messages (id integer PRIMARY KEY, theirs)").unwrap();
    let before = fs::read(file.path()).unwrap();
    let error = migrations::check(&file.open()).await.unwrap_err();
    assert!(matches!(error, SchemaError::NotMigrated { .. }), "{error:?}");
    let error = migrations::migrate(&file.config(), Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, MigrateError::ForeignTable { .. }), "{error:?}");
    assert!(fs::read(file.path()).unwrap() == before);
}

#[tokio::test]
async fn a_damaged_file_is_no_transient_error_and_says_what_to_do() {
    let file = TestFile::migrated().await;
    enqueue(&file.shell(), 2000);
    let length = usize::try_from(fs::metadata(file.path()).unwrap().len()).unwrap();
    let damage_from = |offset: usize| {
        let mut bytes = fs::read(file.path()).unwrap();
        bytes[offset..].fill(0xA5);
        fs::write(file.path(), bytes).unwrap();
    };
    damage_from(length / 2);
    let error = Replica::of(&file).messages.enqueue(&hello(), &Terms::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
    let text = whole_text(&error);
    assert!(text.contains("is damaged") && text.contains("restore a backup"), "{text}");
    // The tables' names, too.
    damage_from(4096);
    let error = refused(&file, &file.config());
    assert!(matches!(error, OpenError::File(FileError::Damaged { .. })), "{error:?}");
    assert!(!error.is_transient(), "{error:?}");
}

/// SQLite would go on writing to a file that nobody will find again.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_deleted_or_replaced_takes_nothing_more() {
    use dispatcher_domain::ports::MessageArchive;
    let file = TestFile::migrated().await;
    let replica = Replica::of(&file);
    replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    let aside = file.directory().join("aside.db");
    fs::rename(file.path(), &aside).unwrap();
    let refused = async || {
        whole_text(&replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap_err())
    };
    assert!(refused().await.contains("was moved, deleted or replaced"));
    fs::copy(&aside, file.path()).unwrap();
    assert!(refused().await.contains("was moved, deleted or replaced"));
    fs::rename(&aside, file.path()).unwrap();
    replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    assert_eq!(replica.archive.count_sent().await.unwrap(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_name_that_looks_like_a_url_or_has_strange_characters_is_a_name() {
    let file = TestFile::nowhere();
    for name in ["file:x.db?mode=memory", "a b%20ü'\"#.db"] {
        let config = SqliteConfig::new(file.directory().join(name));
        migrations::migrate(&config, Duration::ZERO).await.unwrap();
        Replica::over(file.open_with(&config))
            .messages
            .enqueue(&hello(), &Terms::default())
            .await
            .unwrap();
        assert!(config.path.exists(), "{name}");
    }
}

#[tokio::test]
async fn a_lock_that_cannot_be_made_is_named() {
    let file = TestFile::migrated().await;
    fs::create_dir(file.directory().join("messages.db.lock")).unwrap();
    let error = refused(&file, &file.config());
    assert!(matches!(error, OpenError::Lock { .. }), "{error:?}");
    assert!(error.to_string().contains("messages.db.lock"), "{error}");
}

#[tokio::test]
async fn what_is_left_in_a_lock_by_somebody_who_is_gone_means_nothing() {
    let file = TestFile::migrated().await;
    let mut left = fs::File::create(file.directory().join("messages.db.lock")).unwrap();
    left.write_all(b"4294967295 and more, far more than a number").unwrap();
    file.open();
}
