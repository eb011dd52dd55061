//! A new database and one that was taken over are the same.

use super::{adopt, database_with, go_database, shape};
use crate::support;
use dispatcher_testkit::TestDatabase;
use dispatcher_testkit::go_service::GoService;

async fn new_shape() -> Vec<String> {
    shape(&support::migrated().await.client().await.unwrap()).await
}

#[tokio::test]
async fn the_table_of_its_own_migration_becomes_the_same_as_a_new_one() {
    let (database, go) = go_database().await;
    let before = shape(&go.sql).await;
    adopt(&database).await.unwrap();
    let after = shape(&go.sql).await;
    assert_ne!(before, after);
    assert_eq!(after, new_shape().await);
    assert!(
        after
            .iter()
            .any(|line| line == "sequence messages_id_seq bigint 1 1 1 9223372036854775807 1 f t")
    );
}

#[tokio::test]
async fn the_table_of_its_description_becomes_the_same_as_well() {
    let (database, sql) = database_with(
        "CREATE TABLE messages ( \
             id SERIAL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL, content TEXT NOT NULL, \
             sent BOOLEAN DEFAULT FALSE, created_at TIMESTAMP DEFAULT NOW()); \
         CREATE INDEX idx_messages_sent_created ON messages(sent, created_at); \
         CREATE INDEX idx_messages_phone ON messages(phone_number)",
    )
    .await;
    adopt(&database).await.unwrap();
    assert_eq!(shape(&sql).await, new_shape().await);
}

#[tokio::test]
async fn a_table_that_somebody_made_wider_or_stricter_becomes_the_same_as_well() {
    let (database, sql) = database_with(
        "CREATE TABLE messages ( \
             id BIGSERIAL PRIMARY KEY, phone_number TEXT, content VARCHAR(1000), \
             sent BOOLEAN NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP); \
         INSERT INTO messages (phone_number, content, sent) VALUES ('+905551234567', 'x', FALSE)",
    )
    .await;
    adopt(&database).await.unwrap();
    assert_eq!(shape(&sql).await, new_shape().await);
}

#[tokio::test]
async fn an_empty_table_is_taken_over_without_a_wait() {
    let (database, go) = go_database().await;
    go.sql.batch_execute("TRUNCATE messages").await.unwrap();
    let adoption = adopt(&database).await.unwrap().expect("there was a table");
    assert_eq!((adoption.rows(), adoption.first_send_at), (0, None));
    assert_eq!(shape(&go.sql).await, new_shape().await);
}

#[tokio::test]
async fn a_new_database_is_no_adoption_and_a_second_run_is_none_either() {
    let database = TestDatabase::create().await.unwrap();
    assert_eq!(adopt(&database).await.unwrap(), None);
    assert_eq!(adopt(&database).await.unwrap(), None);
    assert!(!shape(&GoService::on(&database).await.sql).await.is_empty());
}
