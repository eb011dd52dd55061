//! Columns of SQLite hold what they are given: a row that is no valid SMS is
//! rejected with its reason, and the one behind it is sent.

use crate::{
    steps::{ANNA, Replica, run},
    support::TestFile,
};
use dispatcher_contract::message_store::request;
use dispatcher_domain::{
    ClaimResult, MessageId,
    ports::{MessageArchive, MessageRepo},
};
use rusqlite::{Connection, types::Value};

fn insert(shell: &Connection, phone_number: impl Into<Value>, content: impl Into<Value>) {
    let sql = "INSERT INTO messages (phone_number, content) VALUES (?1, ?2)";
    shell.execute(sql, (phone_number.into(), content.into())).unwrap();
}

fn anna() -> Value {
    ANNA.to_owned().into()
}

fn text(text: &str) -> Value {
    text.to_owned().into()
}

#[tokio::test]
async fn whatever_is_no_valid_sms_is_rejected_with_its_reason_in_one_claim() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    let blob = || Value::Blob(ANNA.into());
    let rows = [
        (blob(), text("x"), "invalid_phone_number_not_text"),
        (anna(), Value::Blob(b"Hello".into()), "content_not_text"),
        (text("+9055512\x0034567"), text("x"), "invalid_phone_number_control_character"),
        (anna(), text("Hello\0, and more"), "content_has_nul"),
        (anna(), text("\0"), "content_has_nul"),
        (anna(), text(""), "empty_content"),
        (anna(), Value::Blob(vec![]), "content_not_text"),
        (text(&"1".repeat(1_000_000)), text("x"), "invalid_phone_number_length"),
        (anna(), text(&"x".repeat(5_000_000)), "content_too_long"),
        (anna(), text(&"\u{1F600}".repeat(161)), "content_too_long"),
    ];
    let expected: Vec<_> = rows.iter().map(|(_, _, reason)| *reason).collect();
    for (phone_number, content, _) in rows {
        insert(&shell, phone_number, content);
    }
    // Texts that are no UTF-8.
    let broken = "INSERT INTO messages (phone_number, content) \
                  VALUES (cast(x'2b39303535353132333435ff37' AS text), 'x')";
    run(&shell, broken);
    let broken = "INSERT INTO messages (phone_number, content) \
                  VALUES ('+905551234567', cast(x'48656c6cc3' AS text))";
    run(&shell, broken);
    insert(&shell, anna(), text("good"));

    let claim = replica.messages.claim_due(&request(1)).await.unwrap();
    let reasons: Vec<_> = claim.rejected.iter().map(|row| row.reason.as_str()).collect();
    let not_utf8 = ["invalid_phone_number_not_utf8", "content_not_utf8"];
    assert_eq!(reasons, [&expected[..], &not_utf8].concat());
    let ClaimResult::Started(messages) = claim.result else { panic!("the last one is good") };
    assert_eq!(messages[0].body.as_str(), "good");
}

/// Texts that are right up to the last byte.
#[tokio::test]
async fn numbers_and_the_longest_texts_are_sent_as_they_are() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    replica.free_flow().await;
    let emoji = "\u{1F600}".repeat(160);
    insert(&shell, Value::Integer(5_551_234_567), text(&emoji));
    insert(&shell, text(&"\u{1F600}".repeat(20)), Value::Integer(481_516));
    let mut large = request(9);
    large.limits.max_content_length = 10_000;
    insert(&shell, anna(), text(&"\u{1F600}".repeat(10_000)));
    insert(&shell, anna(), text(&"\u{1F600}".repeat(10_001)));

    let claim = replica.messages.claim_due(&large).await.unwrap();
    assert_eq!(claim.rejected[0].reason.as_str(), "content_too_long");
    let ClaimResult::Started(messages) = claim.result else { panic!("three are good") };
    assert_eq!(messages.len(), 3);
    assert_eq!(
        (messages[0].phone_number.as_str(), messages[0].body.as_str()),
        ("5551234567", &*emoji)
    );
    assert_eq!(messages[1].body.as_str(), "481516");
}

#[tokio::test]
async fn odd_rows_that_were_marked_as_sent_are_listed() {
    let file = TestFile::migrated().await;
    let (shell, replica) = (file.shell(), Replica::of(&file));
    let odd = "INSERT INTO messages (phone_number, content, provider_message_id, sent) \
               VALUES (x'2bff', cast(x'41ff' AS text), 7.5, 1)";
    run(&shell, odd);
    let list = replica.archive.sent_after(None, 9).await.unwrap();
    assert_eq!(
        (list[0].phone_number.as_str(), list[0].content.as_str()),
        ("+\u{fffd}", "A\u{fffd}")
    );
    assert_eq!(list[0].provider_message_id.as_deref(), Some("7.5"));
    let found = replica.archive.find(MessageId(1)).await.unwrap().unwrap();
    assert_eq!(found.message.content, "A\u{fffd}");
}
