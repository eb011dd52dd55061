//! `GET /api/messages/sent` with `limit` and `cursor`: one page at a time.

use crate::support::{Answer, NOW, Ports, Server, insert_sent, store};
use serde_json::Value;

fn five() -> Server {
    let store = store();
    (1..=5).for_each(|n| insert_sent(&store, &n.to_string(), None));
    Ports::over(&store).server()
}

fn ids(answer: &Answer) -> Vec<i64> {
    let messages = answer.json()["messages"].as_array().expect("a list").clone();
    messages.iter().map(|message| message["id"].as_i64().expect("an id")).collect()
}

fn next(answer: &Answer) -> Option<String> {
    answer.json().get("next_cursor").and_then(Value::as_str).map(str::to_owned)
}

#[actix_web::test]
async fn a_page_has_its_entries_the_total_of_all_and_where_to_go_on() {
    let answer = five().get("/api/messages/sent?limit=1").await;
    let micros = NOW.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let body = format!(
        r#"{{"messages":[{{"id":1,"phone_number":"+905551234567","content":"1","sent":true,"created_at":"{NOW}"}}],"total":5,"next_cursor":"{micros}_1"}}"#
    );
    answer.is(200, "application/json", &body);
}

#[actix_web::test]
async fn following_the_cursors_gives_every_entry_once() {
    let server = five();
    let mut seen = Vec::new();
    let mut path = "/api/messages/sent?limit=2".to_owned();
    loop {
        let answer = server.get(&path).await;
        assert_eq!((answer.status, &answer.json()["total"]), (200, &5.into()));
        seen.extend(ids(&answer));
        let Some(cursor) = next(&answer) else { break };
        path = format!("/api/messages/sent?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[actix_web::test]
async fn a_cursor_alone_goes_on_with_the_rest() {
    let server = five();
    let cursor = next(&server.get("/api/messages/sent?limit=2").await).unwrap();
    let rest = server.get(&format!("/api/messages/sent?cursor={cursor}")).await;
    assert_eq!((ids(&rest), next(&rest)), (vec![3, 4, 5], None));
}

#[actix_web::test]
async fn a_page_beyond_the_end_is_empty_and_the_last() {
    let server = five();
    let cursor = next(&server.get("/api/messages/sent?limit=5").await).unwrap();
    let answer = server.get(&format!("/api/messages/sent?limit=5&cursor={cursor}")).await;
    answer.is(200, "application/json", r#"{"messages":[],"total":5}"#);
}

#[actix_web::test]
async fn the_largest_page_has_a_thousand_entries() {
    let store = store();
    (0..1001).for_each(|n| insert_sent(&store, &n.to_string(), None));
    let answer = Ports::over(&store).server().get("/api/messages/sent?limit=1000").await;
    assert_eq!((ids(&answer).len(), next(&answer).is_some()), (1000, true));
}

#[actix_web::test]
async fn a_limit_that_is_none_is_400_in_the_predecessors_words() {
    let server = five();
    let body = r#"{"error":"Bad request","message":"limit must be a number from 1 to 1000"}"#;
    for limit in ["0", "1001", "-1", "ten", "", "1.5", "99999999999999999999"] {
        let answer = server.get(&format!("/api/messages/sent?limit={limit}")).await;
        answer.is(400, "application/json", body);
    }
}

#[actix_web::test]
async fn a_cursor_that_is_none_is_400_in_the_predecessors_words() {
    let server = five();
    let body =
        r#"{"error":"Bad request","message":"cursor must be a next_cursor of an earlier answer"}"#;
    for cursor in ["", "7", "x_1", "1_x", "99999999999999999999_1", "1_2_3"] {
        let answer = server.get(&format!("/api/messages/sent?cursor={cursor}")).await;
        answer.is(400, "application/json", body);
    }
}

#[actix_web::test]
async fn a_query_that_says_nothing_of_pages_gives_the_whole_list() {
    let answer = five().get("/api/messages/sent?nocache=1").await;
    assert_eq!((ids(&answer), next(&answer)), (vec![1, 2, 3, 4, 5], None));
}

#[actix_web::test]
async fn a_query_that_cannot_be_read_is_400_in_the_predecessors_words() {
    let answer = five().get("/api/messages/sent?limit=1&limit=2").await;
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/json")));
    assert_eq!(answer.json()["error"], "Bad request");
}
