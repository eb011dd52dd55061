//! Tables that are in use: it waits in short tries, and others get on.

use crate::helpers::{Program, run};
use dispatcher_testkit::{TestDatabase, go_service, process, process::Stream};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_table_that_becomes_free_within_the_wait_is_taken_over() {
    let database = TestDatabase::create().await.unwrap();
    let sql = database.client().await.unwrap();
    sql.batch_execute(go_service::MIGRATION).await.unwrap();
    let user = database.client().await.unwrap();
    user.batch_execute("SET application_name = 'report'; BEGIN; SELECT FROM messages")
        .await
        .unwrap();
    let mut program = Program::on(&["--lock-timeout", "50ms"], database.parts());
    let mut running = process::Program::spawn(&mut program.command).unwrap();
    running.wait_for_line("a table is in use: trying again", LIMIT).await.unwrap();
    user.batch_execute("COMMIT").await.unwrap();
    let status = running.wait_for_exit(LIMIT).await.unwrap();
    assert!(status.success(), "{:?}", running.lines(Stream::Err));
    let told = running.lines(Stream::Err).join("\n");
    assert!(told.contains("report"), "it says who: {told}");
}

/// Not the first run, and a writer that does not end.
#[tokio::test]
async fn a_later_migration_gives_up_and_names_its_statement() {
    let database = TestDatabase::create().await.unwrap();
    run(&[], database.parts()).assert_code(0);
    let sql = database.client().await.unwrap();
    let undo = "DROP FUNCTION messages_foreign_insert, messages_foreign_update CASCADE; \
                ALTER TABLE dispatcher_schema_history DROP COLUMN works_with; \
                ALTER TABLE messages DROP COLUMN expires_at; \
                DELETE FROM dispatcher_schema_history WHERE version >= 4";
    sql.batch_execute(undo).await.unwrap();
    let write = "BEGIN; INSERT INTO messages (phone_number, content) VALUES ('+905551234567', 'x')";
    sql.batch_execute(write).await.unwrap();
    let ended = run(&["--wait=0s", "--lock-timeout=50ms", "--json"], database.parts());
    ended.assert_code(69);
    let error = &ended.json()["error"];
    assert_eq!(error["kind"], "unavailable");
    assert_eq!(error["statement"]["migration"], "V4__foreign_writers");
    assert_eq!(
        (&error["statement"]["line"], &error["statement"]["code"]),
        (&19.into(), &"SQLSTATE 55P03".into())
    );
    assert!(error["in_the_way"][0].as_str().unwrap().contains("process "), "{error}");
    sql.batch_execute("COMMIT").await.unwrap();
    let ended = run(&["--lock-timeout=50ms"], database.parts());
    ended.assert_code(0);
    assert!(ended.stdout.starts_with("applied V4__foreign_writers\n"), "{}", ended.stdout);
}
