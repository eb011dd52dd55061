//! Who is let in, as the whole application answers.

use crate::support::{Ports, Server};
use actix_web::{
    App,
    http::Method,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use dispatcher_api::{Access, configure, guard};

const LEGACY: [(&str, Method); 5] = [
    ("/health", Method::GET),
    ("/version", Method::GET),
    ("/api/messaging/start", Method::POST),
    ("/api/messaging/stop", Method::POST),
    ("/api/messages/sent", Method::GET),
];
/// New, unknown, and known with another method.
const OTHERS: [(&str, Method); 7] = [
    ("/api/messages", Method::POST),
    ("/api/messages/1", Method::GET),
    ("/api/openapi.json", Method::GET),
    ("/", Method::GET),
    ("/api/unknown", Method::GET),
    ("/api/messages", Method::PATCH),
    ("*", Method::OPTIONS),
];

/// Status, content type and body, by an application whose stores fail a test
/// that asks them.
async fn answer(access: Access, request: TestRequest) -> (u16, String, String) {
    let Server { api, .. } = Ports::uncalled().server();
    let app = App::new()
        .configure(|app: &mut web::ServiceConfig| configure(app, api))
        .wrap(from_fn(move |request, next| guard(access, request, next)));
    let response = call_service(&init_service(app).await, request.to_request()).await;
    let content_type = response.headers().get("content-type").map(|value| value.to_str().unwrap());
    let (status, content_type) = (response.status().as_u16(), content_type.unwrap().to_owned());
    let body = String::from_utf8(read_body(response).await.into()).unwrap();
    (status, content_type, body)
}

fn rebound(path: &str, method: &Method) -> TestRequest {
    TestRequest::default().method(method.clone()).uri(path).insert_header(("Host", "evil.example"))
}

#[actix_web::test]
async fn routes_of_the_predecessor_refuse_in_its_words() {
    for (path, method) in LEGACY {
        let (status, content_type, body) =
            answer(Access::ThisMachine, rebound(path, &method)).await;
        assert_eq!((status, content_type.as_str()), (403, "application/json"), "{path}");
        let expected = concat!(
            r#"{"error":"Forbidden","message":"the request names another host than this machine; "#,
            "there are no API keys yet, so only programs on this machine are let in: ask ",
            "http://localhost or http://127.0.0.1, or put a proxy in front that authenticates, ",
            r#"and set AUTH=off"}"#
        );
        assert_eq!(body, expected, "{path}");
    }
}

#[actix_web::test]
async fn all_others_refuse_with_a_problem_unknown_ones_too() {
    for (path, method) in OTHERS {
        let (status, content_type, body) =
            answer(Access::ThisMachine, rebound(path, &method)).await;
        assert_eq!((status, content_type.as_str()), (403, "application/problem+json"), "{path}");
        assert!(body.contains(r#""code":"access_refused""#), "{body}");
        assert!(body.contains("another host") && body.contains("AUTH=off"), "{body}");
    }
}

#[actix_web::test]
async fn with_auth_off_a_foreign_page_is_told_so() {
    let request = TestRequest::post().uri("/api/messaging/stop");
    let request = request.insert_header(("Host", "dispatcher.example.com"));
    let request = request.insert_header(("Origin", "https://evil.example"));
    let (status, _, body) = answer(Access::Anyone, request).await;
    assert_eq!(status, 403);
    assert!(body.contains("is not the address asked); ask without a browser"), "{body}");
}

#[actix_web::test]
async fn what_is_let_in_is_answered_as_ever() {
    let request = || TestRequest::get().uri("/version");
    for access in [Access::ThisMachine, Access::Anyone] {
        let (status, _, body) =
            answer(access, request().insert_header(("Host", "localhost"))).await;
        assert_eq!(status, 200, "{body}");
    }
    assert_eq!(answer(Access::Anyone, request()).await.0, 200);
}
