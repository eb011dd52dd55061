//! For orchestrators and load balancers: is it alive, and should it get
//! requests?

use crate::Api;
use actix_web::{
    HttpResponse, HttpResponseBuilder, http::header::ContentType, rt::time::timeout, web,
};
use dispatcher_app::Readiness;
use std::time::Duration;

/// A process whose main runtime does not get round to nothing at all is stuck.
const STUCK: Duration = Duration::from_secs(5);

/// Whether the process works: restart it if not. Asks no dependency.
#[utoipa::path(
    get, path = "/livez", tag = "monitoring",
    responses(
        (status = 200, description = "It works: `ok`", body = String, content_type = "text/plain; charset=utf-8"),
        (status = 503, description = "It is stuck: `stuck`", body = String, content_type = "text/plain; charset=utf-8"),
    )
)]
pub(crate) async fn livez(api: web::Data<Api>) -> HttpResponse {
    match timeout(STUCK, api.run(async {})).await {
        Ok(Ok(())) => text(HttpResponse::Ok(), "ok"),
        _ => text(HttpResponse::ServiceUnavailable(), "stuck"),
    }
}

/// Whether this replica should get requests: the database answers, its tables
/// are right, and the process does not end. Redis has no say.
#[utoipa::path(
    get, path = "/readyz", tag = "monitoring",
    responses(
        (status = 200, description = "It should: `ready`", body = String, content_type = "text/plain; charset=utf-8"),
        (status = 503, description = "Not now: `starting`, `draining` or `database_down`", body = String, content_type = "text/plain; charset=utf-8"),
    )
)]
pub(crate) async fn readyz(api: web::Data<Api>) -> HttpResponse {
    let check = api.readiness.clone();
    // A panic is in the log; this replica is no good either way.
    let readiness = api.run(async move { check.run().await }).await;
    match readiness {
        Ok(Readiness::Ready) => text(HttpResponse::Ok(), Readiness::Ready.as_str()),
        Ok(other) => text(HttpResponse::ServiceUnavailable(), other.as_str()),
        Err(_) => text(HttpResponse::ServiceUnavailable(), "fault"),
    }
}

fn text(mut response: HttpResponseBuilder, word: &'static str) -> HttpResponse {
    response.insert_header(ContentType::plaintext()).body(word)
}
