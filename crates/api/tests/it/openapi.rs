//! The description of the API, and its copy in the documentation.

use crate::support::{Ports, Server, insert_sent, store};
use actix_web::{http::Method, test::TestRequest};
use serde_json::Value;

const COPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

fn document() -> String {
    dispatcher_api::openapi::document().expect("a document")
}

/// With `UPDATE_SNAPSHOTS=1` in the environment, writes the copy anew.
#[test]
fn the_copy_in_the_documentation_is_the_document() {
    if update_snapshots() {
        std::fs::write(COPY, document()).expect("docs/ can be written");
    }
    let copy = std::fs::read_to_string(COPY).expect("docs/openapi.json");
    let how = "run these tests with UPDATE_SNAPSHOTS=1, and look at the difference";
    assert!(copy == document(), "docs/openapi.json is not what the code says: {how}");
}

#[expect(clippy::disallowed_methods, reason = "how to test is no setting of the product")]
fn update_snapshots() -> bool {
    std::env::var("UPDATE_SNAPSHOTS").is_ok_and(|value| value == "1")
}

#[actix_web::test]
async fn what_is_served_is_the_document() {
    let answer = Server::new().get("/api/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json(), serde_json::from_str::<Value>(&document()).unwrap());
}

#[actix_web::test]
async fn every_documented_operation_answers_with_a_documented_status() {
    let store = store();
    insert_sent(&store, "Hello", None);
    let server = Ports::over(&store).server();
    server.ready.mark();
    let document: Value = serde_json::from_str(&document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let query = required_parameters(operation);
            let uri = format!("{}?{query}", path.replace("{id}", "1"));
            let request = TestRequest::default().uri(&uri);
            let answer = server.call(request.method(method.clone())).await;
            let told = &operation["responses"][answer.status.to_string()];
            assert!(told.is_object(), "{method} {path} answered {}", answer.status);
            // A command may be refused: message 1 is sent.
            if answer.status != 415 && !path.contains("{id}/") {
                assert_eq!(answer.status, 200, "{method} {path}");
            }
            let content_type = answer.header("content-type").expect("a content type");
            assert!(told["content"][content_type].is_object(), "{method} {path}: {content_type}");
        }
    }
}

/// Those of the query, each with its example.
fn required_parameters(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let required = parameters.filter(|it| it["in"] == "query" && it["required"] == true);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let pair = |it: &Value| format!("{}={}", text(&it["name"]), text(&it["example"]));
    required.map(pair).collect::<Vec<_>>().join("&")
}
