//! `POST /api/messages` that stores nothing: one answer names every fault.

use crate::support::{Answer, Ports};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

const PROBLEM: &str = "application/problem+json";
const LIMIT: usize = 128 * 1024;

/// POSTs to a store that must not be called.
async fn refused(body: impl Into<String>) -> Answer {
    Ports::uncalled().server().enqueue(body).await
}

/// Field and code of each fault.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = answer.json()["errors"].as_array().expect("faults").clone();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}

#[actix_web::test]
async fn every_wrong_field_is_named_at_once_with_what_would_be_right() {
    let answer = refused(r#"{"phone_number":"12","content":""}"#).await;
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:invalid_message","#,
        r#""title":"The message is not valid","status":422,"#,
        r#""detail":"nothing was stored; see phone_number, content","code":"invalid_message","#,
        r#""errors":[{"field":"phone_number","code":"invalid_phone_number_length","#,
        r#""message":"must have 10 to 20 characters, such as +905551234567; it has 2"},"#,
        r#"{"field":"content","code":"empty_content","message":"must not be empty"}]}"#
    );
    answer.is(422, PROBLEM, body);
}

#[actix_web::test]
async fn each_rule_has_a_code_of_its_own() {
    let (number, text) = ("+905551234567", "Hello");
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    let cases = [
        (json!("123456789"), json!(text), one("phone_number", "invalid_phone_number_length")),
        (json!("1".repeat(21)), json!(text), one("phone_number", "invalid_phone_number_length")),
        (json!("          "), json!(text), one("phone_number", "invalid_phone_number_blank")),
        (
            json!("+90555\t1234567"),
            json!(text),
            one("phone_number", "invalid_phone_number_control_character"),
        ),
        (Value::Null, json!(text), one("phone_number", "missing")),
        (json!(905_551_234_567_i64), json!(text), one("phone_number", "not_a_string")),
        (json!(number), json!(""), one("content", "empty_content")),
        (json!("HELLO WORLD"), json!(text), one("phone_number", "invalid_phone_number_no_digit")),
        (json!(number), json!("a\0b"), one("content", "content_has_nul")),
        (json!(number), json!("a\u{1b}b"), one("content", "content_has_control_character")),
        (json!(number), json!("a\u{7f}b"), one("content", "content_has_control_character")),
        (json!(number), json!("a\u{92}b"), one("content", "content_has_control_character")),
        (json!(number), json!("a\u{fdd0}b"), one("content", "content_has_noncharacter")),
        (json!(number), json!("\u{feff}ab"), one("content", "content_has_byte_order_mark")),
        (json!(number), json!("a\u{202e}b"), one("content", "content_has_direction_override")),
        (json!(number), json!(" \t\r\n\u{a0}\u{2028}"), one("content", "blank_content")),
        (json!(number), json!("x".repeat(161)), one("content", "content_too_long")),
        (json!(number), Value::Null, one("content", "missing")),
        (json!(number), json!(["Hello"]), one("content", "not_a_string")),
    ];
    for (phone_number, content, expected) in cases {
        let body = json!({"phone_number": phone_number, "content": content}).to_string();
        let answer = refused(body.clone()).await;
        assert_eq!((answer.status, faults(&answer)), (422, expected), "{body}");
    }
}

#[actix_web::test]
async fn the_character_that_is_to_blame_is_told_by_its_place_and_the_text_is_not() {
    let body = json!({"phone_number": "+905551234567", "content": "😀 PIN 481516\u{1b}[2J"});
    let answer = refused(body.to_string()).await;
    let expected = concat!(
        r#"{"field":"content","code":"content_has_control_character","message":"must not contain "#,
        r"control characters other than tabs, line and page breaks; character 13 is one",
        r#"","position":13}"#
    );
    assert!(answer.body.contains(expected), "{}", answer.body);
    assert!(!answer.body.contains("481516") && !answer.body.contains('\u{1b}'));
}

#[actix_web::test]
async fn half_a_character_is_400_and_tells_where_and_how_it_is_written_whole() {
    for (half, column) in
        [(r"\ud83d", 52), (r"\ude00", 51), (r"\ud83d\u0041", 57), (r"\ud83dA", 52)]
    {
        let body = format!(r#"{{"phone_number":"+905551234567","content":"Hi{half}"}}"#);
        let problem = refused(body).await.json();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(400), &json!("invalid_json")));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("at line 1 column {column};")), "{half}: {detail}");
        assert!(detail.ends_with(r"or as a pair such as \ud83d\ude00"), "{detail}");
    }
}

#[actix_web::test]
async fn an_empty_object_lacks_both_fields() {
    let fields = faults(&refused("{}").await);
    let missing = |field: &str| (field.to_owned(), "missing".to_owned());
    assert_eq!(fields, [missing("phone_number"), missing("content")]);
}

#[actix_web::test]
async fn terms_on_which_it_can_never_go_out_are_refused_with_what_would_be_right() {
    for (terms, field, code) in [
        (r#""expires_at":"2020-01-01T00:00:00Z""#, "expires_at", "expires_in_the_past"),
        (
            r#""expires_at":"9000-01-01T00:00:00Z","not_before":"9000-01-01T00:00:00Z""#,
            "expires_at",
            "expires_before_it_is_due",
        ),
        (r#""expires_at":"2030-01-01T00:00:00""#, "expires_at", "not_a_time"),
        (r#""not_before":"soon""#, "not_before", "not_a_time"),
        (r#""priority":101"#, "priority", "invalid_priority"),
    ] {
        let body = format!(r#"{{"phone_number":"+905551234567","content":"Hi",{terms}}}"#);
        let answer = refused(body).await;
        assert_eq!(answer.status, 422);
        assert_eq!(faults(&answer), [(field.to_owned(), code.to_owned())], "{terms}");
    }
}

#[actix_web::test]
async fn an_unknown_field_is_refused_rather_than_ignored() {
    let body = r#"{"phone_number":"+905551234567","content":"Hi","send_at":"2030-01-01"}"#;
    let answer = refused(body).await;
    assert_eq!(faults(&answer), [("send_at".to_owned(), "unknown_field".to_owned())]);
}

#[actix_web::test]
async fn what_is_no_json_object_is_400_and_tells_where_it_breaks() {
    let answer = refused(r#"{"phone_number":"+905551234567","content":"He"#).await;
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:invalid_json","#,
        r#""title":"The body is no JSON object","status":400,"#,
        r#""detail":"EOF while parsing a string at line 1 column 45","code":"invalid_json"}"#
    );
    answer.is(400, PROBLEM, body);
    let deep = "[".repeat(LIMIT);
    let others = ["", "null", "[]", "\"text\"", "{} {}", "{\"content\":NaN}", "\u{feff}{}", &deep];
    for body in others {
        let answer = refused(body).await;
        let shown: String = body.chars().take(20).collect();
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("invalid_json")),
            "{shown}"
        );
    }
}

#[actix_web::test]
async fn bytes_that_are_no_utf_8_are_invalid_json() {
    let request =
        TestRequest::post().uri("/api/messages").set_payload(&b"{\"content\":\"\xff\"}"[..]);
    let request = request.insert_header(("Content-Type", "application/json"));
    let answer = Ports::uncalled().server().call(request).await;
    assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid_json")));
}

#[actix_web::test]
async fn a_body_of_128_kib_is_read_and_one_byte_more_is_413() {
    let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    assert_eq!(refused(padded(LIMIT)).await.status, 422, "read, and found empty");
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:body_too_large","#,
        r#""title":"The body is too large","status":413,"#,
        r#""detail":"a body has at most 131072 bytes of JSON","code":"body_too_large"}"#
    );
    refused(padded(LIMIT + 1)).await.is(413, PROBLEM, body);
}

/// `MAX_CONTENT_LENGTH` counts characters: how many bytes they take is not the client's choice, but that of
/// its library.
#[actix_web::test]
async fn the_longest_text_that_can_be_allowed_is_judged_by_its_characters_however_it_is_escaped() {
    for spelling in ["a", "😀", r"\u015f", r"\ud83d\ude00"] {
        let content = spelling.repeat(10_000);
        let body = format!(r#"{{"phone_number":"+905551234567","content":"{content}"}}"#);
        let answer = refused(body).await;
        let only = [("content".to_owned(), "content_too_long".to_owned())];
        assert_eq!((answer.status, faults(&answer)), (422, only.to_vec()), "{spelling}");
        assert!(answer.json().to_string().contains("it has 10000"), "{spelling}");
    }
}

#[actix_web::test]
async fn a_body_that_does_not_say_that_it_is_json_is_415() {
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:unsupported_media_type","#,
        r#""title":"The body must be application/json","status":415,"#,
        r#""detail":"send the header Content-Type: application/json","#,
        r#""code":"unsupported_media_type"}"#
    );
    let types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""];
    for content_type in types {
        let request = TestRequest::post().uri("/api/messages").set_payload("{}");
        let request = request.insert_header(("Content-Type", content_type));
        Ports::uncalled().server().call(request).await.is(415, PROBLEM, body);
    }
    let request = TestRequest::post().uri("/api/messages").set_payload("{}");
    Ports::uncalled().server().call(request).await.is(415, PROBLEM, body);
}
