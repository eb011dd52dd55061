//! Counting requests by route: never by path, which anybody can make up.

use crate::{Api, configure};
use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use dispatcher_domain::ports::MeterEvent;

/// Middleware that tells [`Api::meter`] of every request that was answered.
///
/// The time ends when the answer begins: a long list is streamed after that.
///
/// # Errors
/// Those of the service inside.
pub async fn meter_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(api) = request.app_data::<web::Data<Api>>().cloned() else {
        return next.call(request).await;
    };
    let start = api.clock.monotonic();
    let answer = next.call(request).await;
    if let Ok(answer) = &answer {
        let (method, route) = labels(answer.request());
        let took = api.clock.monotonic().saturating_sub(start);
        let status = answer.status().as_u16();
        api.meter.note(MeterEvent::HttpAnswered { method, route, status, took });
    }
    answer
}

/// Words of our own table only: strangers choose neither.
fn labels(request: &HttpRequest) -> (&'static str, &'static str) {
    let pattern = request.match_pattern();
    // HEAD goes where GET goes.
    let asked = match request.method().as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let mut route = "unmatched";
    for &(method, path) in configure::route_names() {
        if pattern.as_deref() == Some(path) {
            if asked == method {
                return (method, path);
            }
            route = path;
        }
    }
    ("other", route)
}
