//! Bodies that do not come to an end: in the runtime's paused time.

use crate::support::Ports;
use actix_web::{
    App,
    dev::Payload,
    error::PayloadError,
    test::{TestRequest, call_service, init_service, read_body},
    web::{self, Bytes},
};
use dispatcher_api::configure;
use futures_util::{Stream, StreamExt, stream};
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How long the answer took, its status and its body, for a body of `chunks`.
async fn answer(chunks: impl Stream<Item = &'static [u8]> + 'static) -> (Duration, u16, String) {
    tokio::time::pause();
    let api = Ports::uncalled().server().api;
    let app = init_service(App::new().configure(|app: &mut web::ServiceConfig| {
        configure(app, api);
    }))
    .await;
    let request = TestRequest::post().uri("/api/messages");
    let request = request.insert_header(("Content-Type", "application/json")).to_request();
    let chunks = chunks.map(|chunk| Ok::<_, PayloadError>(Bytes::from_static(chunk)));
    let (request, _) = request.replace_payload(Payload::Stream { payload: chunks.boxed_local() });
    let started = Instant::now();
    let response = call_service(&app, request).await;
    let (took, status) = (started.elapsed(), response.status().as_u16());
    (took, status, String::from_utf8(read_body(response).await.into()).expect("UTF-8"))
}

#[actix_web::test]
async fn a_body_that_comes_a_byte_a_second_is_waited_for_ten_seconds() {
    let ticks = interval(Duration::from_secs(1));
    let drip = stream::unfold(ticks, |mut ticks| async {
        ticks.tick().await;
        Some((&b" "[..], ticks))
    });
    let (took, status, body) = answer(drip).await;
    assert_eq!((took.as_secs(), status), (10, 408));
    assert!(body.contains(r#""code":"body_too_slow""#), "{body}");
    assert!(body.contains("within 10 seconds"), "{body}");
}

#[actix_web::test]
async fn a_body_that_stops_half_way_is_waited_for_no_longer() {
    let half = stream::iter([&br#"{"phone_number":"#[..]]).chain(stream::pending());
    let (took, status, _) = answer(half).await;
    assert_eq!((took.as_secs(), status), (10, 408));
}
