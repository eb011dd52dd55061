//! The Go service, should someone roll back to it.

use crate::support;
use dispatcher_domain::Status;

/// Its claim, word for word.
const OLD_CLAIM: &str = "\
    SELECT id, phone_number, content, sent, created_at FROM messages \
    WHERE sent = FALSE AND phone_number IS NOT NULL AND phone_number != '' \
      AND content IS NOT NULL AND content != '' \
      AND LENGTH(phone_number) BETWEEN 10 AND 20 AND LENGTH(content) <= 160 \
    ORDER BY created_at ASC, id ASC LIMIT 2 FOR UPDATE SKIP LOCKED";

#[tokio::test]
async fn its_claim_finds_queued_messages_and_no_others() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    for status in Status::ALL {
        sql.batch_execute("TRUNCATE messages").await.unwrap();
        let insert = "INSERT INTO messages (phone_number, content, status, sent) \
                      VALUES ('+905551234567', 'Hello', $1, $2)";
        sql.execute(insert, &[&status.as_str(), &status.legacy_sent()]).await.unwrap();
        let found = sql.query(OLD_CLAIM, &[]).await.unwrap();
        assert_eq!(found.len(), usize::from(status == Status::Queued), "{status:?}");
    }
}

#[tokio::test]
async fn what_it_marks_as_sent_is_sent_and_its_list_shows_it() {
    let database = support::migrated().await;
    let sql = database.client().await.unwrap();
    sql.batch_execute("INSERT INTO messages (phone_number, content) VALUES ('+905551234567', 'x')")
        .await
        .unwrap();
    let id: i64 = sql.query_one(OLD_CLAIM, &[]).await.unwrap().get("id");
    let mark = "UPDATE messages SET sent = TRUE WHERE id = $1 AND sent = FALSE";
    assert_eq!(sql.execute(mark, &[&id]).await.unwrap(), 1, "zero rows is an error to it");
    let list = "SELECT status FROM messages WHERE sent = TRUE ORDER BY created_at ASC";
    let status: String = sql.query_one(list, &[]).await.unwrap().get(0);
    assert_eq!(status, "sent");
}
