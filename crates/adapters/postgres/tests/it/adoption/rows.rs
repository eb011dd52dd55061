//! No row is lost, and each means what it meant.

use super::{adopt, go_database};
use crate::{
    steps::{Replica, count},
    support,
};
use dispatcher_domain::ports::MessageArchive;
use dispatcher_postgres::PgMessageArchive;
use dispatcher_testkit::go_service::GoMessage;

#[tokio::test]
async fn every_row_keeps_its_id_its_texts_and_its_time_and_gets_its_status() {
    let (database, go) = go_database().await;
    go.migrate().await;
    go.migrate().await;
    go.sql
        .batch_execute(
            "UPDATE messages SET sent = TRUE WHERE id % 3 = 0; \
             UPDATE messages SET sent = NULL WHERE id IN (7, 14); \
             DELETE FROM messages WHERE id = 11; \
             INSERT INTO messages (phone_number, content) VALUES ('1', ''); \
             CREATE TABLE copy AS SELECT * FROM messages",
        )
        .await
        .unwrap();
    let adoption = adopt(&database).await.unwrap().expect("an adoption");
    assert_eq!((adoption.queued, adoption.sent, adoption.rejected), (18, 10, 2));
    assert_eq!(adoption.rows(), 30);
    let same = "\
        SELECT count(*) FROM copy JOIN messages USING (id, phone_number, content) \
        WHERE messages.created_at = copy.created_at AT TIME ZONE 'UTC' \
          AND messages.sent IS NOT DISTINCT FROM copy.sent \
          AND status = CASE WHEN copy.sent THEN 'sent' WHEN NOT copy.sent THEN 'queued' ELSE 'rejected' END \
          AND status_reason IS NOT DISTINCT FROM CASE WHEN copy.sent IS NULL THEN 'legacy_null' END \
          AND attempt = 0 AND not_before IS NULL AND NOT maybe_sent \
          AND lane = regexp_replace(phone_number, '[^0-9]', '', 'g')";
    assert_eq!(count(&go.sql, same).await, 30);
    assert_eq!(count(&go.sql, "SELECT count(DISTINCT uuid) FROM messages").await, 30);
}

#[tokio::test]
async fn a_row_without_a_time_is_last_in_the_queue_as_before() {
    let (database, go) = go_database().await;
    go.sql
        .batch_execute(
            "UPDATE messages SET created_at = NULL WHERE id = 1; \
             DELETE FROM messages WHERE id > 3",
        )
        .await
        .unwrap();
    adopt(&database).await.unwrap();
    let ids = "SELECT string_agg(id::text, ' ' ORDER BY created_at, id) FROM messages";
    let order: String = go.sql.query_one(ids, &[]).await.unwrap().get(0);
    assert_eq!(order, "2 3 1");
    let recent =
        "SELECT count(*) FROM messages WHERE created_at > now() - interval '5 minutes' AND id = 1";
    assert_eq!(count(&go.sql, recent).await, 1);
}

#[tokio::test]
async fn a_row_that_is_no_sms_waits_for_its_turn_and_is_rejected_then() {
    let (database, go) = go_database().await;
    go.sql
        .batch_execute("UPDATE messages SET phone_number = '12', sent = FALSE WHERE id = 1")
        .await
        .unwrap();
    adopt(&database).await.unwrap();
    let status = "SELECT count(*) FROM messages WHERE id = 1 AND status = ";
    assert_eq!(count(&go.sql, &format!("{status}'queued'")).await, 1);
    let end_the_wait = "UPDATE dispatch_control SET throttled_until = NULL";
    go.sql.batch_execute(end_the_wait).await.unwrap();
    assert_eq!(Replica::of(&database).start_one().await.id.0, 2);
    assert_eq!(count(&go.sql, &format!("{status}'rejected'")).await, 1);
}

#[tokio::test]
async fn the_list_of_sent_messages_is_the_one_that_the_predecessor_showed() {
    let (database, go) = go_database().await;
    go.sql.batch_execute("UPDATE messages SET sent = TRUE WHERE id <> 5").await.unwrap();
    let before = by_id(go.list().await.unwrap());
    adopt(&database).await.unwrap();
    assert_eq!(by_id(go.list().await.unwrap()), before, "and its own list shows them still");
    let archive = PgMessageArchive::new(support::pool(&database));
    let ours = archive.sent_after(None, 100).await.unwrap().into_iter().map(|message| GoMessage {
        id: message.id.0,
        phone_number: message.phone_number,
        content: message.content,
        sent: true,
        created_at: message.created_at,
    });
    assert_eq!(ours.collect::<Vec<_>>(), before);
}

/// All samples have one time: its list orders them as it likes.
fn by_id(mut messages: Vec<GoMessage>) -> Vec<GoMessage> {
    messages.sort_by_key(|message| message.id);
    messages
}
