//! Which route stands where.

use crate::{
    Api, openapi,
    problem::{Code, Problem},
    routes::{health, list, message, messages, messaging, metrics, operators, probes, sent},
};
use actix_web::{
    Error, HttpResponse, ResponseError, Route,
    body::{BodySize, BodyStream, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    guard,
    http::Method,
    middleware::{Next, from_fn},
    web,
};
use futures_util::stream;
use std::sync::LazyLock;

/// Adds all routes, over `api`.
pub fn configure(app: &mut web::ServiceConfig, api: web::Data<Api>) {
    app.app_data(api);
    let mut routes = routes().into_iter().peekable();
    while let Some((path, method, route)) = routes.next() {
        let (mut resource, mut methods) = (web::resource(path).route(route), vec![method]);
        while let Some((_, method, route)) = routes.next_if(|(next, ..)| *next == path) {
            resource = resource.route(route);
            methods.push(method);
        }
        let allow = allow(&methods);
        let refuse = move || {
            let problem = Problem::method_not_allowed(&allow);
            async move { problem.error_response() }
        };
        app.service(resource.default_service(web::to(refuse)).wrap(from_fn(head)));
    }
    app.default_service(web::to(not_found));
}

/// Every route: path, method, handler. Those of one path stand together, and
/// the first path that fits wins.
fn routes() -> Vec<(&'static str, &'static str, Route)> {
    vec![
        ("/health", "GET", get().to(health::health)),
        ("/version", "GET", get().to(health::version)),
        ("/livez", "GET", get().to(probes::livez)),
        ("/readyz", "GET", get().to(probes::readyz)),
        ("/metrics", "GET", get().to(metrics::metrics)),
        ("/api/messaging/start", "POST", web::post().to(messaging::start)),
        ("/api/messaging/stop", "POST", web::post().to(messaging::stop)),
        ("/api/messages/sent", "GET", get().to(sent::list)),
        ("/api/messages", "GET", get().to(list::of_status)),
        ("/api/messages", "POST", web::post().to(messages::enqueue)),
        ("/api/messages/{id}", "GET", get().to(message::show)),
        ("/api/messages/{id}/cancel", "POST", web::post().to(operators::cancel)),
        ("/api/messages/{id}/requeue", "POST", web::post().to(operators::requeue)),
        ("/api/messages/{id}/resolve", "POST", web::post().to(operators::resolve)),
        ("/api/openapi.json", "GET", get().to(openapi::serve)),
    ]
}

/// Method and pattern of every route: the labels of requests in the metrics.
#[must_use]
pub fn route_names() -> &'static [(&'static str, &'static str)] {
    // A constant, but for the handlers that stand beside it in the table.
    static NAMES: LazyLock<Vec<(&'static str, &'static str)>> =
        LazyLock::new(|| routes().into_iter().map(|(path, method, _)| (method, path)).collect());
    &NAMES
}

/// GET, and HEAD with it.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// What the header of this name says.
fn allow(methods: &[&str]) -> String {
    methods.join(", ").replace("GET", "GET, HEAD")
}

/// The server leaves the body of an answer to HEAD out, but only after it was
/// made: one that is made piece by piece is not even begun.
async fn head(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let head = request.method() == Method::HEAD;
    let answer = next.call(request).await?.map_into_boxed_body();
    if !head || answer.response().body().size() != BodySize::Stream {
        return Ok(answer);
    }
    let nothing = stream::empty::<Result<web::Bytes, std::io::Error>>();
    Ok(answer.map_body(|_, _| BoxBody::new(BodyStream::new(nothing))))
}

async fn not_found() -> HttpResponse {
    let detail = "GET /api/openapi.json lists what there is";
    Problem::new(Code::NotFound, detail).error_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_in_the_document_and_nothing_else_is() {
        let registered: BTreeSet<(String, String)> = routes()
            .into_iter()
            .map(|(path, method, _)| (path.to_owned(), method.to_lowercase()))
            .collect();
        let document: serde_json::Value =
            serde_json::from_str(&openapi::document().unwrap()).unwrap();
        let documented: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys();
                methods.map(move |method| (path.clone(), method.clone()))
            })
            .collect();
        assert_eq!(registered, documented);
    }
}
