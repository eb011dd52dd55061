//! What follows from the texts of a message, and the texts themselves.
#![allow(missing_docs)] // The names are the sentences.

use super::{
    Fixture,
    steps::{ANNA, accepted, claim_one, finish, free_flow, started},
};
use dispatcher_domain::{
    Derived, MessageBody, MessageId, MessageLimits, NewMessage, PhoneNumber, Status, Terms,
};

/// The columns of the row: encoding, segments, normal form of the number.
async fn columns(
    store: &dyn Fixture,
    id: MessageId,
) -> (Option<String>, Option<i64>, Option<String>) {
    let row = store.row(id).await;
    (row.encoding, row.segments, row.phone_e164)
}

fn written(
    encoding: &str,
    segments: i64,
    number: Option<&str>,
) -> (Option<String>, Option<i64>, Option<String>) {
    (Some(encoding.to_owned()), Some(segments), number.map(str::to_owned))
}

const EMPTY: (Option<String>, Option<i64>, Option<String>) = (None, None, None);

/// What readers see, in the message and in the list of its status alike.
async fn shown(store: &dyn Fixture, id: MessageId) -> Derived {
    let found = store.archive().find(id).await.unwrap().unwrap().message;
    let list = store.archive().list(found.status, None, 100).await.unwrap();
    assert!(list.contains(&found), "a list tells what a look at the message tells");
    found.derived
}

async fn enqueued(store: &dyn Fixture, phone_number: &str, content: &str) -> MessageId {
    let phone_number = PhoneNumber::parse(phone_number).unwrap();
    let body = MessageBody::parse(content, &MessageLimits::default()).unwrap();
    store
        .messages()
        .enqueue(&NewMessage { phone_number, body }, &Terms::default())
        .await
        .unwrap()
        .id
}

pub async fn a_new_message_is_stored_with_what_follows_from_its_texts(store: &dyn Fixture) {
    let (emoji, euros) = ("😀".repeat(36), "€".repeat(81));
    for (number, content, expected) in [
        (ANNA, "Hello", written("gsm7", 1, Some(ANNA))),
        ("+90 (555) 123-45-67", &euros, written("gsm7", 2, Some(ANNA))),
        ("0555 123 45 67", &emoji, written("ucs2", 2, None)),
    ] {
        let id = enqueued(store, number, content).await;
        assert_eq!(columns(store, id).await, expected);
        assert_eq!(shown(store, id).await, Derived::of(number, content));
        let kept = store.archive().find(id).await.unwrap().unwrap().message;
        assert_eq!((kept.phone_number.as_str(), kept.content.as_str()), (number, content));
    }
}

pub async fn a_row_written_by_sql_shows_what_its_start_will_store(store: &dyn Fixture) {
    let id = store.insert_unchecked("+90 555 123 45 67", &"ğ".repeat(71)).await;
    assert_eq!(columns(store, id).await, EMPTY);
    let before = shown(store, id).await;
    let message = claim_one(store).await;
    assert_eq!(message.phone_number.as_str(), "+90 555 123 45 67", "as it was spelt");
    assert_eq!(columns(store, id).await, written("ucs2", 2, Some(ANNA)));
    assert_eq!(shown(store, id).await, before);
    finish(store, &message, &accepted()).await;
    assert_eq!(columns(store, id).await, written("ucs2", 2, Some(ANNA)));
}

pub async fn each_message_of_a_claim_is_stored_with_its_own(store: &dyn Fixture) {
    free_flow(store).await;
    let mut expected = Vec::new();
    for n in 0..9_i64 {
        let number = format!("+9055512345{n:02}");
        let (encoding, letter, joined) =
            if n % 2 == 0 { ("gsm7", "€", 76) } else { ("ucs2", "ğ", 67) };
        let content = letter.repeat(joined + usize::from(n % 4 < 2) * joined);
        let id = store.insert_unchecked(&number, &content).await;
        expected.push((id, written(encoding, 1 + i64::from(n % 4 < 2), Some(&number))));
    }
    let (left, _) = expected.pop().unwrap();
    assert_eq!(started(store, 8).await.len(), 8);
    for (id, expected) in expected {
        assert_eq!(columns(store, id).await, expected);
    }
    assert_eq!(columns(store, left).await, EMPTY);
}

pub async fn a_text_that_was_changed_by_sql_is_counted_anew_until_it_is_sent(store: &dyn Fixture) {
    let id = enqueued(store, ANNA, "Hello").await;
    let longer = "ğ".repeat(135);
    store.rewrite(id, "0555 123 45 67", &longer).await;
    assert_eq!(shown(store, id).await, Derived::of("0555 123 45 67", &longer));
    let message = claim_one(store).await;
    assert_eq!(columns(store, id).await, written("ucs2", 3, None));
    finish(store, &message, &accepted()).await;
    // Blotted out afterwards, as many have to: what was sent stays known.
    store.rewrite(id, "xxxxxxxxxx", "").await;
    assert_eq!(shown(store, id).await, Derived::of("0555 123 45 67", &longer));
}

pub async fn a_row_that_is_rejected_shows_what_is_computed(store: &dyn Fixture) {
    let id = store.insert_unchecked(ANNA, &"x".repeat(161)).await;
    super::claim(store, 1).await;
    assert_eq!(store.row(id).await.status, Status::Rejected);
    assert_eq!(shown(store, id).await, Derived::of(ANNA, &"x".repeat(161)));
}

/// No new message could be one of these; the predecessor sent them.
pub async fn what_the_predecessor_sent_is_sent_as_it_is(store: &dyn Fixture) {
    free_flow(store).await;
    let mut rows = Vec::new();
    for number in
        ["+905551234567\r", "\t5551234567", "           ", "HELLO WORLD", "+905551\u{1b}[2J"]
    {
        rows.push((number, "Hello"));
    }
    for content in [
        " ",
        "\r\n",
        "\u{1}\u{7}\u{1b}[2J\u{7f}\u{85}",
        "\u{feff}Hello",
        "\u{202e}olleH\u{202c}",
        "\u{fffe}\u{ffff}\u{fdd0}\u{10ffff}",
    ] {
        rows.push((ANNA, content));
    }
    let mut ids = Vec::new();
    for (number, content) in &rows {
        ids.push(store.insert_unchecked(number, content).await);
    }
    let messages = started(store, 100).await;
    assert_eq!(messages.iter().map(|message| message.id).collect::<Vec<_>>(), ids);
    for (message, row) in messages.iter().zip(rows) {
        assert_eq!((message.phone_number.as_str(), message.body.as_str()), row);
    }
}

/// Every sign that a new message may have comes out as it went in.
pub async fn texts_go_through_the_store_unchanged(store: &dyn Fixture) {
    free_flow(store).await;
    let texts = [
        " a\tb\r\nc\u{c}d ",
        "'\"\\%_$1?;--/*{}[]~^|€",
        "👍🏽👩‍👩‍👧🏴󠁧󠁢󠁥󠁮󠁧󠁿🇹🇷❤️",
        "e\u{301} é Å Å ﬁ",
        "\u{200f}שלום\u{200e} \u{2068}Anna\u{2069} \u{61c}",
        "\u{2028}\u{2029}\u{a0}\u{200b}\u{ad}\u{fffd}\u{e000}\u{378}\u{10fffd}",
    ];
    for text in texts {
        let id = enqueued(store, ANNA, text).await;
        assert_eq!(store.archive().find(id).await.unwrap().unwrap().message.content, text);
        let message = claim_one(store).await;
        assert_eq!((message.id, message.body.as_str()), (id, text));
        finish(store, &message, &accepted()).await;
        let sent = store.archive().sent_after(None, 100).await.unwrap();
        assert_eq!(sent.last().unwrap().content, text);
    }
}
