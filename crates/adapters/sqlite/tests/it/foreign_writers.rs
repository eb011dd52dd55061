//! Programs that know the column `sent` and nothing else, such as the sqlite3
//! shell and whoever types into it.

use crate::{
    steps::{ANNA, Replica, count, hello, run},
    support::TestFile,
};
use dispatcher_contract::message_store::unknown;
use dispatcher_domain::{
    Status, Terms,
    ports::{MessageArchive, MessageRepo},
};
use rusqlite::Connection;

async fn shell() -> (TestFile, Connection) {
    let file = TestFile::migrated().await;
    let shell = file.shell();
    (file, shell)
}

const INSERT: &str = "INSERT INTO messages (phone_number, content) VALUES ('+905551234567', 'x')";

fn assert_row(shell: &Connection, status: &str, reason: &str, epoch: i32) {
    let query = "SELECT status, status_reason, key_epoch FROM messages";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let row: (String, Option<String>, i32) = shell.query_row(query, [], read).unwrap();
    assert_eq!(row, (status.to_owned(), Some(reason.to_owned()), epoch));
}

/// A message in a status that it reached without these triggers.
fn put(shell: &Connection, status: &str) {
    run(shell, INSERT);
    let sent = status.parse::<dispatcher_domain::Status>().unwrap().legacy_sent();
    shell.execute("UPDATE messages SET status = ?1, sent = ?2", (status, sent)).unwrap();
}

#[tokio::test]
async fn a_plain_insert_gets_every_default_and_is_sent_in_its_turn() {
    let (file, shell) = shell().await;
    let replica = Replica::of(&file);
    for _ in 0..100 {
        run(&shell, INSERT);
    }
    let now = "cast(round((julianday('now') - 2440587.5) * 86400000) AS integer) * 1000";
    let fresh = format!(
        "SELECT count(*) FROM messages WHERE status = 'queued' AND sent = 0 AND attempt = 0 \
         AND created_at BETWEEN {now} - 60000000 AND {now}"
    );
    assert_eq!(count(&shell, &fresh), 100);
    assert_eq!(count(&shell, "SELECT count(DISTINCT uuid) FROM messages"), 100);

    replica.free_flow().await;
    let messages = replica.start(100).await;
    let ids: Vec<i64> = messages.iter().map(|message| message.id.0).collect();
    assert_eq!(ids, (1..=100).collect::<Vec<_>>());
    for message in messages {
        let uuid = message.lease.uuid;
        assert_eq!((uuid.get_version_num(), uuid.get_variant()), (4, uuid::Variant::RFC4122));
    }
}

/// Both writers count milliseconds, or one would overtake the other.
#[tokio::test]
async fn within_a_millisecond_who_came_first_is_sent_first() {
    let (file, shell) = shell().await;
    let replica = Replica::of(&file);
    let micros = file.time.now().as_microsecond();
    assert_ne!(micros % 1000, 0, "the store's clock is finer");
    let enqueued = replica.messages.enqueue(&hello(), &Terms::default()).await.unwrap();
    assert_eq!(enqueued.created_at.as_microsecond(), micros - micros % 1000);
    let insert =
        "INSERT INTO messages (phone_number, content, created_at) VALUES ('1234567890', 'x', ?1)";
    shell.execute(insert, [micros - micros % 1000]).unwrap();
    assert_eq!(replica.start_one().await.id, enqueued.id);
}

#[tokio::test]
async fn an_id_is_never_given_twice() {
    let (_file, shell) = shell().await;
    run(&shell, INSERT);
    run(&shell, "DELETE FROM messages");
    run(&shell, INSERT);
    assert_eq!(count(&shell, "SELECT id FROM messages"), 2);
}

#[tokio::test]
async fn an_insert_with_sent_true_is_a_sent_message() {
    let (_file, shell) = shell().await;
    run(
        &shell,
        "INSERT INTO messages (phone_number, content, sent) VALUES ('1234567890', 'x', TRUE)",
    );
    assert_row(&shell, "sent", "marked_by_sql", 0);
}

#[tokio::test]
async fn an_insert_with_sent_null_is_rejected_as_the_predecessor_never_sent_it() {
    let (_file, shell) = shell().await;
    run(
        &shell,
        "INSERT INTO messages (phone_number, content, sent) VALUES ('1234567890', 'x', NULL)",
    );
    assert_row(&shell, "rejected", "legacy_null", 0);
}

#[tokio::test]
async fn an_insert_without_a_time_or_uuid_gets_them() {
    let (_file, shell) = shell().await;
    let insert = "INSERT INTO messages (phone_number, content, created_at, uuid) \
                  VALUES ('1234567890', 'x', NULL, NULL)";
    run(&shell, insert);
    let query = "SELECT created_at > 0 AND length(uuid) = 36 FROM messages";
    assert_eq!(count(&shell, query), 1);
}

#[tokio::test]
async fn columns_that_sending_depends_on_take_only_values_of_their_type() {
    let (_file, shell) = shell().await;
    for (column, value) in [
        ("created_at", "'2026-01-01 10:00:00'"),
        ("created_at", "1.5"),
        ("created_at", "253402207200000000"),
        ("not_before", "'tomorrow'"),
        ("not_before", "-62135596800000001"),
        ("started_at", "'today'"),
        ("lease_until", "'soon'"),
        ("sent_at", "1.5"),
        ("sent_at", "253402207200000000"),
        ("resend_until", "'later'"),
        ("next_probe_at", "'now'"),
        ("next_probe_at", "9223372036854775807"),
        ("probes", "-1"),
        ("tries_used", "-1"),
        ("unknown_outcomes", "-1"),
        ("priority", "'high'"),
        ("priority", "40000"),
        ("attempt", "'x'"),
        ("key_epoch", "-1"),
        ("sent", "'yes'"),
        ("sent", "2"),
        ("status", "'Queued'"),
        ("uuid", "'x'"),
        ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
        ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1-'"),
        ("uuid", "randomblob(36)"),
    ] {
        let insert = format!(
            "INSERT INTO messages (phone_number, content, {column}) VALUES ('1234567890', 'x', {value})"
        );
        let error = shell.execute(&insert, []).unwrap_err();
        assert!(error.to_string().contains("CHECK constraint failed"), "{column} {value}: {error}");
    }
}

#[tokio::test]
async fn a_slip_of_the_hand_on_the_control_row_is_refused() {
    let (file, shell) = shell().await;
    for slip in [
        "enabled = 'no'",
        "batch_size = 'two'",
        "batch_size = 0",
        "batch_size = 4294967296",
        "period_ms = '2m'",
        "period_ms = -1",
        "ordering = 'fifo'",
        "quota_left = 'x'",
        "next_tick_at = '2026-01-01'",
        "next_tick_at = 9223372036854775807",
        "busy_until = 'now'",
        "throttled_until = 1.5",
        "breaker_until = 'later'",
        "breaker_openings = -1",
        "breaker_failures = -1",
        "breaker_failures = 'many'",
        "busy_token = 'me'",
    ] {
        let error = shell.execute(&format!("UPDATE dispatch_control SET {slip}"), []).unwrap_err();
        assert!(error.to_string().contains("CHECK constraint failed"), "{slip}: {error}");
    }
    run(&shell, "UPDATE dispatch_control SET enabled = 0, period_ms = 60000, next_tick_at = 0");
    assert_eq!(Replica::of(&file).start(1).await, []);
}

#[tokio::test]
async fn sent_cannot_say_other_than_the_status() {
    let (_file, shell) = shell().await;
    for (status, sent) in [("sent", "0"), ("sent", "NULL"), ("failed", "0"), ("failed", "1")] {
        let insert = format!(
            "INSERT INTO messages (phone_number, content, status, sent) \
             VALUES ('1234567890', 'x', '{status}', {sent})"
        );
        let error = shell.execute(&insert, []).unwrap_err();
        assert!(error.to_string().contains("messages_sent_mirrors_status"), "{error}");
    }
    run(&shell, INSERT);
    for wrong in ["status = 'sent'", "status = 'failed'", "status = 'failed', sent = 1"] {
        let error = shell.execute(&format!("UPDATE messages SET {wrong}"), []).unwrap_err();
        assert!(error.to_string().contains("messages_sent_mirrors_status"), "{error}");
    }
}

#[tokio::test]
async fn sent_true_marks_a_queued_an_unconfirmed_and_a_failed_message_as_sent() {
    for status in ["queued", "unconfirmed", "failed"] {
        let (_file, shell) = shell().await;
        put(&shell, status);
        run(&shell, "UPDATE messages SET sent = TRUE");
        assert_row(&shell, "sent", "marked_by_sql", 0);
    }
}

#[tokio::test]
async fn sent_false_queues_a_sent_message_again_under_a_new_key() {
    let (_file, shell) = shell().await;
    put(&shell, "sent");
    run(&shell, "UPDATE messages SET sent = FALSE");
    assert_row(&shell, "queued", "requeued_by_sql", 1);
}

#[tokio::test]
async fn sent_false_keeps_the_key_of_a_message_that_may_have_been_sent() {
    let (file, shell) = shell().await;
    let replica = Replica::of(&file);
    run(&shell, INSERT);
    let message = replica.start_one().await;
    replica.messages.record_outcome(message.id, &message.lease, &unknown()).await.unwrap();
    run(&shell, "UPDATE messages SET sent = FALSE");
    assert_row(&shell, "queued", "requeued_by_sql", 0);
}

#[tokio::test]
async fn sent_false_on_a_message_in_flight_is_a_clear_error() {
    let (file, shell) = shell().await;
    run(&shell, INSERT);
    Replica::of(&file).start_one().await;
    let error = shell.execute("UPDATE messages SET sent = FALSE", []).unwrap_err();
    assert!(error.to_string().contains("being sent: wait until its status is final"), "{error}");
    assert_eq!(count(&shell, "SELECT count(*) FROM messages WHERE status = 'sending'"), 1);
}

#[tokio::test]
async fn the_predecessors_mark_on_a_message_in_flight_counts() {
    let (file, shell) = shell().await;
    let replica = Replica::of(&file);
    run(&shell, INSERT);
    let message = replica.start_one().await;
    run(&shell, "UPDATE messages SET sent = 1 WHERE id = 1 AND sent IS NOT 1");
    replica.finish(&message).await;
    assert_eq!(count(&shell, "SELECT count(*) FROM messages WHERE status = 'sent'"), 1);
}

#[tokio::test]
async fn sent_null_cancels_a_queued_message_and_is_refused_on_others() {
    let (_file, shell) = shell().await;
    run(&shell, INSERT);
    run(&shell, "UPDATE messages SET sent = NULL");
    assert_row(&shell, "canceled", "canceled_by_sql", 0);
    run(&shell, "UPDATE messages SET status = 'sent', sent = TRUE");
    let error = shell.execute("UPDATE messages SET sent = NULL", []).unwrap_err();
    assert!(error.to_string().contains("set sent to 0 to requeue it"), "{error}");
}

/// The latest moment that fits both a column and a program of ours.
#[tokio::test]
async fn a_date_at_the_end_of_time_can_be_listed() {
    let (file, shell) = shell().await;
    let insert = "INSERT INTO messages (phone_number, content, created_at, not_before) \
                  VALUES ('1234567890', 'x', 253402207199999999, 253402207199999999)";
    run(&shell, insert);
    let replica = Replica::of(&file);
    let listed = replica.archive.list(Status::Queued, None, 9).await.unwrap();
    assert_eq!(listed[0].not_before, Some(listed[0].created_at));
    assert_eq!(replica.start(1).await, []);
}

/// Each of many rows by the trigger for one.
#[tokio::test]
async fn one_statement_over_many_messages_marks_each() {
    let (file, shell) = shell().await;
    crate::steps::enqueue(&shell, 3000);
    assert_eq!(shell.execute("UPDATE messages SET sent = 1 WHERE id <= 1000", []).unwrap(), 1000);
    assert_eq!(shell.execute("UPDATE messages SET sent = NULL WHERE sent = 0", []).unwrap(), 2000);
    let canceled = "SELECT count(*) FROM messages WHERE status = 'canceled' AND sent IS NULL";
    assert_eq!(count(&shell, canceled), 2000);
    assert_eq!(Replica::of(&file).start(1).await, []);
}

#[tokio::test]
async fn an_odd_value_elsewhere_in_a_row_does_not_stop_the_queue() {
    let (file, shell) = shell().await;
    let odd = "INSERT INTO messages \
                   (phone_number, content, lane, lease_token, provider_message_id, status_reason) \
               VALUES (?1, 'x', x'00ff', 5, x'ff', 1.5)";
    shell.execute(odd, [ANNA]).unwrap();
    let replica = Replica::of(&file);
    let message = replica.start_one().await;
    replica.finish(&message).await;
    assert_eq!(count(&shell, "SELECT count(*) FROM messages WHERE status = 'sent'"), 1);
}

const NOW: &str = "cast(round((julianday('now') - 2440587.5) * 86400000) AS integer) * 1000";

#[tokio::test]
async fn an_insert_may_say_when_and_before_which_others_a_message_goes_out() {
    let (file, shell) = shell().await;
    let replica = Replica::of(&file);
    replica.free_flow().await;
    let insert = format!(
        "INSERT INTO messages (phone_number, content, not_before, expires_at, priority) VALUES \
             ('1234567891', 'later', {NOW} + 3600000000, NULL, 32767), \
             ('1234567892', 'over', NULL, 0, 32767), \
             ('1234567893', 'in time', NULL, {NOW} + 3600000000, -32768), \
             ('1234567894', 'first', NULL, NULL, 1)"
    );
    shell.execute(&insert, []).unwrap();
    let ids: Vec<i64> = replica.start(9).await.iter().map(|message| message.id.0).collect();
    assert_eq!(ids, [4, 3]);
    assert_eq!(
        count(&shell, "SELECT count(*) FROM messages WHERE id = 1 AND status = 'queued'"),
        1
    );
    assert_eq!(
        count(&shell, "SELECT count(*) FROM messages WHERE id = 2 AND status = 'expired'"),
        1
    );
}

#[tokio::test]
async fn an_end_that_is_no_time_is_refused() {
    let (_file, shell) = shell().await;
    for end in ["'tomorrow'", "1.5", "9223372036854775807", "x'00'"] {
        let insert = format!(
            "INSERT INTO messages (phone_number, content, expires_at) VALUES ('1234567890', 'x', {end})"
        );
        let error = shell.execute(&insert, []).unwrap_err().to_string();
        assert!(error.contains("messages_expiry_is_microseconds"), "{end}: {error}");
    }
}

#[tokio::test]
async fn a_requeue_takes_away_an_end_that_is_over_and_leaves_one_to_come() {
    for (end, left) in [("0", 0), (&*format!("{NOW} + 3600000000"), 1)] {
        let (_file, shell) = shell().await;
        put(&shell, "expired");
        run(&shell, &format!("UPDATE messages SET expires_at = {end}"));
        run(&shell, "UPDATE messages SET sent = 0");
        assert_row(&shell, "queued", "requeued_by_sql", 1);
        let ends = "SELECT count(*) FROM messages WHERE expires_at IS NOT NULL";
        assert_eq!(count(&shell, ends), left, "{end}");
    }
}
