//! `POST /api/messages` that stores.

use crate::support::{FIRST, NOW, Ports, Server, store};
use actix_web::test::TestRequest;
use dispatcher_domain::Status;
use serde_json::json;

/// One character, four bytes, two units of UTF-16.
const EMOJI: &str = "😀";

fn message(content: &str) -> String {
    json!({"phone_number": "+905551234567", "content": content}).to_string()
}

#[actix_web::test]
async fn a_message_is_stored_and_the_answer_names_it() {
    let store = store();
    let server = Ports::over(&store).server();
    let answer = server.enqueue(message("Hello")).await;
    let body = format!(
        r#"{{"id":1,"status":"queued","created_at":"{NOW}","encoding":"gsm7","segments":1,"phone_e164":"+905551234567"}}"#
    );
    answer.is(201, "application/json", &body);
    assert_eq!(answer.header("location"), Some("/api/messages/1"));
    let row = store.edit(FIRST, |row| row.clone()).expect("it is stored");
    assert_eq!((row.phone_number.as_str(), row.content.as_str()), ("+905551234567", "Hello"));
    assert_eq!(row.status, Status::Queued);
}

#[actix_web::test]
async fn the_location_can_be_followed() {
    let server = Server::new();
    let stored = server.enqueue(message("Hello")).await;
    let shown = server.get(stored.header("location").expect("a location")).await;
    assert_eq!((shown.status, &shown.json()["content"]), (200, &json!("Hello")));
}

#[actix_web::test]
async fn the_same_message_twice_is_two_messages() {
    let server = Server::new();
    for id in [1, 2] {
        assert_eq!(server.enqueue(message("Hello")).await.json()["id"], id);
    }
}

#[actix_web::test]
async fn the_limit_of_160_counts_characters_not_bytes_and_not_utf_16() {
    let store = store();
    let server = Ports::over(&store).server();
    for character in ["x", "ğ", "漢", EMOJI] {
        let longest = character.repeat(160);
        let answer = server.enqueue(message(&longest)).await;
        assert_eq!(answer.status, 201, "{character}: {}", answer.body);
        let id = answer.json()["id"].as_i64().expect("an id");
        let stored = store.edit(dispatcher_domain::MessageId(id), |row| row.content.clone());
        assert_eq!(stored, Some(longest), "it is stored whole");
        let answer = server.enqueue(message(&character.repeat(161))).await;
        assert_eq!(answer.status, 422, "{character}");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&"content".into(), &"content_too_long".into())
        );
    }
}

#[actix_web::test]
async fn what_follows_from_the_texts_is_in_the_answer_and_beside_the_message() {
    let store = store();
    let server = Ports::over(&store).server();
    for (number, content, encoding, segments, e164) in [
        ("+90 (555) 123-45-67", "€".repeat(80), "gsm7", 1, json!("+905551234567")),
        ("0555 123 45 67", "€".repeat(81), "gsm7", 2, json!(null)),
        ("00905551234567", EMOJI.repeat(35), "ucs2", 1, json!(null)),
        ("+905551234567", EMOJI.repeat(36), "ucs2", 2, json!("+905551234567")),
    ] {
        let body = json!({"phone_number": number, "content": content}).to_string();
        let answer = server.enqueue(body).await.json();
        let shown = server.get(&format!("/api/messages/{}", answer["id"])).await.json();
        let list = server.get("/api/messages?status=queued").await.json();
        let listed = list["messages"].as_array().unwrap().last().unwrap().clone();
        for told in [answer, shown, listed] {
            let facts = (&told["encoding"], &told["segments"], &told["phone_e164"]);
            assert_eq!(facts, (&json!(encoding), &json!(segments), &e164), "{told}");
            assert_eq!(told.get("phone_e164").is_some(), !e164.is_null(), "left out, not null");
        }
    }
}

#[actix_web::test]
async fn when_and_before_which_others_it_goes_out_is_stored_and_shown() {
    let store = store();
    let server = Ports::over(&store).server();
    let body = json!({
        "phone_number": "+905551234567", "content": "Hello", "priority": 7,
        "not_before": "9000-01-01T03:00:00+03:00", "expires_at": "9000-01-02T00:00:00Z",
    });
    assert_eq!(server.enqueue(body.to_string()).await.status, 201);
    let shown = server.get("/api/messages/1").await.json();
    let list = server.get("/api/messages?status=queued").await.json();
    for told in [&shown, &list["messages"][0]] {
        assert_eq!(told["not_before"], "9000-01-01T00:00:00Z");
        assert_eq!(told["expires_at"], "9000-01-02T00:00:00Z");
        assert_eq!(told["priority"], 7);
    }
}

#[actix_web::test]
async fn texts_are_stored_as_they_are_written() {
    let store = store();
    let server = Ports::over(&store).server();
    let body = r#"{"content":" a\n\"b\" \ud83d\ude00 \u200f","phone_number":" (555) 123-45 67 "}"#;
    assert_eq!(server.enqueue(body).await.status, 201);
    let row = store.edit(FIRST, |row| row.clone()).expect("it is stored");
    assert_eq!(row.content, format!(" a\n\"b\" {EMOJI} \u{200f}"));
    assert_eq!(row.phone_number, " (555) 123-45 67 ");
}

#[actix_web::test]
async fn parameters_and_capitals_of_the_content_type_do_not_matter() {
    let server = Server::new();
    for content_type in ["application/json; charset=utf-8", "Application/JSON ;charset=UTF-8"] {
        let request = TestRequest::post().uri("/api/messages").set_payload(message("Hello"));
        let answer = server.call(request.insert_header(("Content-Type", content_type))).await;
        assert_eq!(answer.status, 201, "{content_type}: {}", answer.body);
    }
}
