//! Programs that know the column `sent` and nothing else.

use crate::{
    steps::{Replica, insert},
    support,
};
use dispatcher_contract::message_store::unknown;
use dispatcher_domain::ports::MessageRepo;
use dispatcher_testkit::TestDatabase;
use tokio_postgres::{Client, error::SqlState};

const ANNA: &str = "+905551234567";

async fn database() -> (TestDatabase, Client) {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    (database, sql)
}

/// Status, reason and key epoch of the one message there is.
async fn row(sql: &Client) -> (String, Option<String>, i32) {
    let query = "SELECT status, status_reason, key_epoch FROM messages";
    let row = sql.query_one(query, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

async fn assert_row(sql: &Client, status: &str, reason: &str, epoch: i32) {
    assert_eq!(row(sql).await, (status.to_owned(), Some(reason.to_owned()), epoch));
}

async fn run(sql: &Client, statement: &str) {
    assert_eq!(sql.execute(statement, &[]).await.unwrap(), 1, "{statement}");
}

/// A message in a status that it reached without these triggers.
async fn put(sql: &Client, status: &str, unknown_outcomes: i32) {
    insert(sql, ANNA).await;
    let sent = status.parse::<dispatcher_domain::Status>().unwrap().legacy_sent();
    let update = "UPDATE messages SET status = $1, sent = $2, unknown_outcomes = $3";
    sql.execute(update, &[&status, &sent, &unknown_outcomes]).await.unwrap();
}

#[tokio::test]
async fn an_insert_with_sent_true_is_a_sent_message() {
    let (_database, sql) = database().await;
    run(
        &sql,
        "INSERT INTO messages (phone_number, content, sent) VALUES ('1234567890', 'x', TRUE)",
    )
    .await;
    assert_row(&sql, "sent", "marked_by_sql", 0).await;
}

#[tokio::test]
async fn an_insert_with_sent_null_is_rejected_as_the_predecessor_never_sent_it() {
    let (_database, sql) = database().await;
    run(
        &sql,
        "INSERT INTO messages (phone_number, content, sent) VALUES ('1234567890', 'x', NULL)",
    )
    .await;
    assert_row(&sql, "rejected", "legacy_null", 0).await;
}

#[tokio::test]
async fn an_insert_without_a_time_gets_the_present_one() {
    let (_database, sql) = database().await;
    let insert = "INSERT INTO messages (phone_number, content, created_at) \
                  VALUES ('1234567890', 'x', NULL)";
    run(&sql, insert).await;
    let query = "SELECT status, created_at <= dispatch_now() FROM messages";
    let row = sql.query_one(query, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("queued", true));
}

#[tokio::test]
async fn a_time_that_no_program_can_show_is_refused() {
    let (_database, sql) = database().await;
    for column in ["created_at", "not_before"] {
        for time in
            ["infinity", "-infinity", "20000-01-01", "9999-12-30 22:00:00Z", "0044-03-15 BC"]
        {
            let insert = format!(
                "INSERT INTO messages (phone_number, content, {column}) \
                 VALUES ('1234567890', 'x', '{time}')"
            );
            let error = sql.execute(&insert, &[]).await.unwrap_err();
            assert_eq!(error.code(), Some(&SqlState::CHECK_VIOLATION), "{column} {time}");
        }
    }
}

#[tokio::test]
async fn sent_true_marks_a_queued_an_unconfirmed_and_a_failed_message_as_sent() {
    for status in ["queued", "unconfirmed", "failed"] {
        let (_database, sql) = database().await;
        put(&sql, status, 0).await;
        run(&sql, "UPDATE messages SET sent = TRUE").await;
        assert_row(&sql, "sent", "marked_by_sql", 0).await;
    }
}

#[tokio::test]
async fn sent_false_queues_a_sent_message_again_under_a_new_key() {
    let (_database, sql) = database().await;
    put(&sql, "sent", 0).await;
    run(&sql, "UPDATE messages SET sent = FALSE").await;
    assert_row(&sql, "queued", "requeued_by_sql", 1).await;
}

#[tokio::test]
async fn sent_false_keeps_the_key_of_a_message_that_may_have_been_sent() {
    let (database, sql) = database().await;
    let replica = Replica::of(&database);
    insert(&sql, ANNA).await;
    let message = replica.start_one().await;
    replica.messages.record_outcome(message.id, &message.lease, &unknown()).await.unwrap();
    run(&sql, "UPDATE messages SET sent = FALSE").await;
    assert_row(&sql, "queued", "requeued_by_sql", 0).await;
    let row =
        sql.query_one("SELECT tries_used, unknown_outcomes FROM messages", &[]).await.unwrap();
    assert_eq!(
        (row.get::<_, i32>(0), row.get::<_, i32>(1)),
        (0, 1),
        "all its tries, and the doubt"
    );
}

#[tokio::test]
async fn sent_true_tells_when_and_sent_false_takes_that_back() {
    let (_database, sql) = database().await;
    put(&sql, "queued", 0).await;
    for (sent, dated) in [(true, true), (false, false), (true, true)] {
        sql.execute("UPDATE messages SET sent = $1", &[&sent]).await.unwrap();
        let row = sql.query_one("SELECT sent_at IS NOT NULL FROM messages", &[]).await.unwrap();
        assert_eq!(row.get::<_, bool>(0), dated, "sent = {sent}");
    }
}

#[tokio::test]
async fn sent_false_on_a_message_in_flight_is_a_clear_error() {
    let (database, sql) = database().await;
    insert(&sql, ANNA).await;
    Replica::of(&database).start_one().await;
    let error = sql.execute("UPDATE messages SET sent = FALSE", &[]).await.unwrap_err();
    let message = error.as_db_error().unwrap().message();
    assert_eq!(message, "message 1 is being sent: wait until its status is final");
    assert_eq!(error.code(), Some(&SqlState::OBJECT_IN_USE));
}

#[tokio::test]
async fn the_predecessors_mark_on_a_message_in_flight_counts() {
    let (database, sql) = database().await;
    let replica = Replica::of(&database);
    insert(&sql, ANNA).await;
    let message = replica.start_one().await;
    run(&sql, "UPDATE messages SET sent = TRUE WHERE id = 1 AND sent IS NOT TRUE").await;
    replica.finish(&message).await;
    assert_eq!(row(&sql).await.0, "sent");
}

#[tokio::test]
async fn sent_null_cancels_a_queued_message_and_is_refused_on_others() {
    let (_database, sql) = database().await;
    put(&sql, "queued", 0).await;
    run(&sql, "UPDATE messages SET sent = NULL").await;
    assert_row(&sql, "canceled", "canceled_by_sql", 0).await;
    run(&sql, "UPDATE messages SET status = 'sent', sent = TRUE").await;
    let error = sql.execute("UPDATE messages SET sent = NULL", &[]).await.unwrap_err();
    assert!(error.as_db_error().unwrap().message().contains("set sent to FALSE to requeue it"));
}

#[tokio::test]
async fn an_insert_may_say_when_and_before_which_others_a_message_goes_out() {
    let (database, sql) = database().await;
    let replica = Replica::of(&database);
    replica.free_flow().await;
    let insert = "\
        INSERT INTO messages (phone_number, content, not_before, expires_at, priority) VALUES \
            ('1234567891', 'later', now() + interval '1 hour', NULL, 32767), \
            ('1234567892', 'over', NULL, now(), 32767), \
            ('1234567893', 'in time', NULL, now() + interval '1 hour', -32768), \
            ('1234567894', 'first', NULL, NULL, 1)";
    sql.batch_execute(insert).await.unwrap();
    let ids: Vec<i64> = replica.start(9).await.iter().map(|message| message.id.0).collect();
    assert_eq!(ids, [4, 3]);
    let rest =
        "SELECT string_agg(id || ' ' || status, ', ' ORDER BY id) FROM messages WHERE id < 3";
    let rest: String = sql.query_one(rest, &[]).await.unwrap().get(0);
    assert_eq!(rest, "1 queued, 2 expired");
}

#[tokio::test]
async fn an_end_that_is_no_date_is_refused() {
    let (_database, sql) = database().await;
    for end in ["infinity", "-infinity", "0001-01-01 00:00:00Z BC", "10000-01-01 00:00:00Z"] {
        let insert = format!(
            "INSERT INTO messages (phone_number, content, expires_at) VALUES ('1234567890', 'x', '{end}')"
        );
        let error = sql.execute(&insert, &[]).await.unwrap_err();
        assert_eq!(error.as_db_error().unwrap().constraint(), Some("messages_expiry_is_a_date"));
    }
}

#[tokio::test]
async fn a_requeue_takes_away_an_end_that_is_over_and_leaves_one_to_come() {
    for (end, stays) in [("now()", false), ("now() + interval '1 hour'", true)] {
        let (_database, sql) = database().await;
        put(&sql, "expired", 0).await;
        run(&sql, &format!("UPDATE messages SET expires_at = {end}")).await;
        run(&sql, "UPDATE messages SET sent = FALSE").await;
        assert_row(&sql, "queued", "requeued_by_sql", 1).await;
        let has_end = "SELECT expires_at IS NOT NULL FROM messages";
        assert_eq!(sql.query_one(has_end, &[]).await.unwrap().get::<_, bool>(0), stays, "{end}");
    }
}
