//! Addresses and methods that are not there.

use crate::support::Server;
use actix_web::{http::Method, test::TestRequest};

const PROBLEM: &str = "application/problem+json";

#[actix_web::test]
async fn an_unknown_address_is_404_and_tells_where_the_list_is() {
    let body = concat!(
        r#"{"type":"urn:message-dispatcher:problem:not_found","#,
        r#""title":"There is nothing at this address","status":404,"#,
        r#""detail":"GET /api/openapi.json lists what there is","code":"not_found"}"#
    );
    let server = Server::new();
    for path in ["/", "/api", "/healthz", "/health/", "/api/messages/1/2", "/api/messages/"] {
        server.get(path).await.is(404, PROBLEM, body);
    }
}

#[actix_web::test]
async fn a_method_that_an_address_does_not_take_is_405_and_names_the_one_it_takes() {
    let server = Server::new();
    let addresses = [
        ("/health", "GET"),
        ("/version", "GET"),
        ("/api/messaging/start", "POST"),
        ("/api/messaging/stop", "POST"),
        ("/api/messages/sent", "GET"),
        ("/api/messages", "POST"),
        ("/api/messages/1", "GET"),
        ("/api/openapi.json", "GET"),
    ];
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    for (path, allow) in addresses {
        for method in methods.iter().filter(|method| method.as_str() != allow) {
            let request = TestRequest::default().uri(path).method(method.clone());
            let answer = server.call(request).await;
            let body = format!(
                r#"{{"type":"urn:message-dispatcher:problem:method_not_allowed","title":"This address does not take this method","status":405,"detail":"use {allow}","code":"method_not_allowed"}}"#
            );
            answer.is(405, PROBLEM, &body);
            assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
        }
    }
}
