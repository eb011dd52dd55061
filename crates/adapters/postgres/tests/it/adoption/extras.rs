//! What users added to the table survives.

use super::{adopt, go_database};
use crate::steps::count;

#[tokio::test]
async fn columns_indexes_triggers_and_keys_of_others_survive() {
    let (database, go) = go_database().await;
    go.sql
        .batch_execute(
            "ALTER TABLE messages ADD COLUMN campaign text DEFAULT 'none', \
                 ADD COLUMN shout text GENERATED ALWAYS AS (upper(phone_number)) STORED; \
             UPDATE messages SET campaign = 'spring' WHERE id = 3; \
             CREATE INDEX by_campaign ON messages (campaign, created_at); \
             CREATE TABLE notes (message_id integer REFERENCES messages (id), note text); \
             INSERT INTO notes VALUES (3, 'call back'); \
             CREATE TABLE log (id bigint); \
             CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END'; \
             CREATE TRIGGER logged AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION logged(); \
             CREATE VIEW numbers AS SELECT DISTINCT phone_number FROM messages; \
             ALTER TABLE messages ADD CONSTRAINT not_empty CHECK (content <> '-')",
        )
        .await
        .unwrap();
    adopt(&database).await.unwrap();
    let kept = "SELECT count(*) FROM messages WHERE campaign = 'spring' AND id = 3 \
                AND shout = phone_number";
    assert_eq!(count(&go.sql, kept).await, 1);
    let valid =
        "SELECT count(*) FROM pg_index WHERE indexrelid = 'by_campaign'::regclass AND indisvalid";
    assert_eq!(count(&go.sql, valid).await, 1);
    let insert = "INSERT INTO messages (phone_number, content) VALUES ('+905551234567', 'x')";
    go.sql.execute(insert, &[]).await.unwrap();
    assert_eq!(count(&go.sql, "SELECT id FROM log").await, 11, "only the new row fired it");
    assert_eq!(count(&go.sql, "SELECT count(*) FROM numbers").await, 11);
    go.sql.execute("DELETE FROM messages WHERE id = 3", &[]).await.expect_err("the key holds");
    go.sql
        .execute("UPDATE messages SET content = '-'", &[])
        .await
        .expect_err("the constraint holds");
}
