//! A migration through a pooler in transaction mode is refused, before anything
//! is changed: its lock and its settings would be other people's.

use crate::support::config;
use dispatcher_postgres::migrations::{self, MigrateError};
use dispatcher_testkit::{TestDatabase, TestPgBouncer, pgbouncer::Pooling};
use std::time::Duration;

#[tokio::test]
async fn migrations_want_a_session_of_their_own() {
    let database = TestDatabase::create().await.unwrap();
    let pooler = TestPgBouncer::start(database.parts()).await.unwrap();
    let through = config(pooler.parts());

    let refused = migrations::migrate(&through, Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Pooled), "{refused:?}");
    let refused = migrations::status(&through, Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Pooled), "{refused:?}");
    let told = refused.to_string();
    assert!(told.contains("the address of PostgreSQL itself"), "{told}");

    let sql = database.client().await.unwrap();
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(sql.query_one(tables, &[]).await.unwrap().get::<_, i64>(0), 0);
}

/// What operators write who had other programs that set something at the start.
#[tokio::test]
async fn a_pooler_that_ignores_what_a_session_wants_is_noticed_as_well() {
    let database = TestDatabase::create().await.unwrap();
    let pooling = Pooling { settings: "ignore_startup_parameters = options", ..Pooling::default() };
    let pooler = TestPgBouncer::start_with(database.parts(), pooling).await.unwrap();
    let through = config(pooler.parts());
    let refused = migrations::migrate(&through, Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Pooled), "{refused:?}");
}
