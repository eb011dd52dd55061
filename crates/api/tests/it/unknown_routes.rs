//! Addresses and methods that are not there.

use crate::support::{Ports, Server, insert_sent, store};
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
async fn a_method_that_an_address_does_not_take_is_405_and_names_those_it_takes() {
    let server = Server::new();
    let addresses = [
        ("/health", "GET, HEAD"),
        ("/version", "GET, HEAD"),
        ("/api/messaging/start", "POST"),
        ("/api/messaging/stop", "POST"),
        ("/api/messages/sent", "GET, HEAD"),
        ("/api/messages", "GET, HEAD, POST"),
        ("/api/messages/1", "GET, HEAD"),
        ("/api/messages/1/cancel", "POST"),
        ("/api/messages/1/requeue", "POST"),
        ("/api/messages/1/resolve", "POST"),
        ("/api/openapi.json", "GET, HEAD"),
    ];
    let methods =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    for (path, allow) in addresses {
        let taken = |method: &&Method| allow.split(", ").any(|taken| taken == method.as_str());
        for method in methods.iter().filter(|method| !taken(method)) {
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

#[actix_web::test]
async fn head_is_answered_wherever_get_is() {
    let server = Server::new();
    for path in ["/health", "/version", "/api/messages/sent", "/api/messages?status=queued"] {
        let get = server.get(path).await;
        let head = server.call(TestRequest::default().uri(path).method(Method::HEAD)).await;
        assert_eq!(head.status, 200, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

/// The server would make all of it, only to throw it away.
#[actix_web::test]
async fn a_list_that_is_made_piece_by_piece_is_not_begun_for_head() {
    let store = store();
    insert_sent(&store, "Hello", None);
    let server = Ports::over(&store).server();
    let head = TestRequest::default().uri("/api/messages/sent").method(Method::HEAD);
    assert_eq!(server.call(head).await.body, "");
}
