//! `plan` and `verify`: before and after, for people and scripts.

use crate::helpers::run;
use dispatcher_testkit::TestDatabase;
use tokio_postgres::Client;

async fn migrated() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await.unwrap();
    run(&[], database.parts()).assert_code(0);
    let sql = database.client().await.unwrap();
    (database, sql)
}

#[tokio::test]
async fn a_plan_is_the_script_and_then_a_comment_that_there_is_nothing_to_do() {
    let database = TestDatabase::create().await.unwrap();
    let planned = run(&["plan"], database.parts());
    planned.assert_code(0);
    for part in ["-- From schema 0 to ", "\nBEGIN;\n", "-- V2__messages ---", "\nCOMMIT;\n"] {
        assert!(planned.stdout.contains(part), "{part}: {}", planned.stdout);
    }
    let sql = database.client().await.unwrap();
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(sql.query_one(tables, &[]).await.unwrap().get::<_, i64>(0), 0, "nothing is changed");
    run(&[], database.parts()).assert_code(0);
    let ended = run(&["plan"], database.parts());
    ended.assert_code(0);
    assert!(ended.stdout.starts_with("-- Nothing to do: the schema is at "), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 1);
}

#[tokio::test]
async fn a_database_of_exactly_this_version_is_verified() {
    let (database, _sql) = migrated().await;
    let ended = run(&["verify"], database.parts());
    ended.assert_code(0);
    assert!(ended.stdout.contains("applied  V1__predecessor\n"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with(", as it should be\n"), "{}", ended.stdout);
}

#[tokio::test]
async fn what_is_pending_is_not_verified_and_named() {
    let database = TestDatabase::create().await.unwrap();
    let ended = run(&["verify"], database.parts());
    ended.assert_code(1);
    for part in ["migrations are pending: run", "  - V2__messages is not applied yet\n"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn an_altered_and_a_missing_migration_are_named_and_refused_by_all() {
    let (database, sql) = migrated().await;
    let edit = "UPDATE dispatcher_schema_history SET checksum = 'no number' WHERE version = 2; \
                DELETE FROM dispatcher_schema_history WHERE version = 3";
    sql.batch_execute(edit).await.unwrap();
    for command in ["verify", "status", "plan", "up"] {
        let ended = run(&[command], database.parts());
        ended.assert_code(1);
        for part in ["- V2__messages was applied with another text", "- V3__dispatch was never"] {
            assert!(ended.stderr.contains(part), "{command}: {part}: {}", ended.stderr);
        }
    }
    let ended = run(&["verify"], database.parts());
    assert!(ended.stdout.contains("altered  V2__messages\nmissing  V3__dispatch\n"));
}
