//! Back to the Go service, and forth again.

use crate::{
    steps::{LIMIT, Replica, count, insert},
    support,
};
use dispatcher_domain::Status;
use dispatcher_postgres::migrations::migrate;
use dispatcher_testkit::{TestDatabase, go_service::GoService};
use jiff::Timestamp;
use tokio_postgres::Client;

const QUEUED: &str = "SELECT count(*) FROM messages WHERE status = 'queued'";

async fn ours() -> (TestDatabase, GoService) {
    let database = support::migrated().await;
    let go = GoService::on(&database).await;
    (database, go)
}

/// Our service at its usual pace, without the waits: a batch of two.
async fn our_batch(replica: &Replica, sql: &Client, ledger: &mut Vec<i64>) {
    let no_wait = "UPDATE dispatch_control SET next_tick_at = 'epoch', throttled_until = NULL";
    sql.batch_execute(no_wait).await.unwrap();
    for _ in 0..2 {
        for message in replica.start(1).await {
            ledger.push(message.id.0);
            replica.finish(&message).await;
        }
    }
}

#[tokio::test]
async fn its_claim_finds_queued_messages_and_no_others_and_nothing_breaks_its_scans() {
    let (_database, go) = ours().await;
    for status in Status::ALL {
        go.sql.batch_execute("TRUNCATE messages").await.unwrap();
        let insert = "INSERT INTO messages (phone_number, content, status, sent) \
                      VALUES ('+905551234567', 'Hello', $1, $2)";
        go.sql.execute(insert, &[&status.as_str(), &status.legacy_sent()]).await.unwrap();
        let claimed = go.claim().await.unwrap().len();
        let listed = go.list().await.unwrap().len();
        assert_eq!(claimed, usize::from(status == Status::Queued), "{status:?}");
        assert_eq!(listed, usize::from(status.is_accepted()), "{status:?}");
    }
}

#[tokio::test]
async fn there_and_back_again_nothing_is_sent_twice_or_left_behind() {
    let database = TestDatabase::create().await.unwrap();
    let mut go = GoService::on(&database).await;
    for _ in 0..3 {
        go.migrate().await;
    }
    go.run_batch().await;
    let config = support::config(database.parts());
    migrate(&config, LIMIT).await.unwrap();

    let replica = Replica::of(&database);
    let mut sent = std::mem::take(&mut go.sent);
    our_batch(&replica, &go.sql, &mut sent).await;
    let in_flight = insert(&go.sql, "+905551234567").await;
    go.sql.execute("UPDATE messages SET priority = 1 WHERE id = $1", &[&in_flight]).await.unwrap();
    let no_wait = "UPDATE dispatch_control SET next_tick_at = 'epoch'";
    go.sql.batch_execute(no_wait).await.unwrap();
    let lost = replica.start_one().await;
    assert_eq!(lost.id.0, in_flight, "it goes out, and we never hear how it ended");

    assert_eq!((go.run_batch().await, go.run_batch().await), (2, 2));
    assert_eq!(go.sent, [5, 6, 7, 8], "in its order, and nothing that we have begun");
    sent.append(&mut go.sent);

    assert!(migrate(&config, LIMIT).await.unwrap().applied.is_empty());
    while count(&go.sql, QUEUED).await > 0 {
        go.sql.batch_execute("UPDATE dispatch_control SET busy_until = NULL").await.unwrap();
        our_batch(&replica, &go.sql, &mut sent).await;
    }
    assert_eq!(sent, (1..=30).collect::<Vec<i64>>(), "each once, in order");
    let rest = "SELECT count(*) FROM messages WHERE status = 'sending'";
    assert_eq!(count(&go.sql, rest).await, 1, "what was in flight is for the rescuer");
}

#[tokio::test]
async fn its_migration_run_on_our_table_adds_samples_and_does_no_harm() {
    let (database, go) = ours().await;
    insert(&go.sql, "+905551234567").await;
    go.migrate().await;
    go.migrate().await;
    assert_eq!(count(&go.sql, QUEUED).await, 21);
    let report = migrate(&support::config(database.parts()), LIMIT).await.unwrap();
    assert!(report.applied.is_empty() && report.adopted.is_none(), "{report:?}");
    assert_eq!(Replica::of(&database).start_one().await.id.0, 1);
}

#[tokio::test]
async fn its_inserts_mean_what_they_meant() {
    let (_database, go) = ours().await;
    for (columns, values, status) in [
        ("", "", "queued"),
        (", sent", ", FALSE", "queued"),
        (", sent", ", TRUE", "sent"),
        (", sent", ", NULL", "rejected"),
        (", sent, created_at", ", DEFAULT, DEFAULT", "queued"),
        (", created_at", ", NULL", "queued"),
        (", created_at", ", NOW()", "queued"),
        (", created_at", ", LOCALTIMESTAMP", "queued"),
    ] {
        let sql = format!(
            "INSERT INTO messages (phone_number, content{columns}) \
             VALUES ('+905551234567', 'x'{values}) \
             RETURNING status, abs(extract(epoch FROM created_at - now()))::float8 < 60"
        );
        let row = go.sql.query_one(&sql, &[]).await.unwrap();
        assert_eq!((row.get(0), row.get(1)), (status, true), "{sql}");
    }
}

/// A time without a zone, which its column took as it was, is now one of the
/// session's zone; a time of a driver, which has a zone, stays what it is.
#[tokio::test]
async fn a_time_without_a_zone_is_read_in_the_zone_of_the_session() {
    let (_database, go) = ours().await;
    let insert = "INSERT INTO messages (phone_number, content, created_at) \
                  VALUES ('+905551234567', 'x', '2024-01-01 10:00:00') RETURNING created_at";
    for (zone, expected) in
        [("UTC", "2024-01-01T10:00:00Z"), ("Asia/Kolkata", "2024-01-01T04:30:00Z")]
    {
        go.sql.batch_execute(&format!("SET TimeZone = '{zone}'")).await.unwrap();
        let found: Timestamp = go.sql.query_one(insert, &[]).await.unwrap().get(0);
        assert_eq!(found, expected.parse().unwrap(), "{zone}");
    }
    let typed = "INSERT INTO messages (phone_number, content, created_at) \
                 VALUES ('+905551234567', 'x', $1) RETURNING created_at";
    let instant: Timestamp = "2024-01-01T10:00:00Z".parse().unwrap();
    let found: Timestamp = go.sql.query_one(typed, &[&instant]).await.unwrap().get(0);
    assert_eq!(found, instant);
}

#[tokio::test]
async fn its_reset_empties_the_queue_and_starts_ids_anew() {
    let (database, go) = ours().await;
    go.migrate().await;
    Replica::of(&database).start_one().await;
    go.sql.batch_execute("TRUNCATE messages RESTART IDENTITY").await.unwrap();
    assert_eq!(insert(&go.sql, "+905551234567").await, 1);
    assert_eq!(go.claim().await.unwrap().len(), 1);
}
