//! Which route stands where.

use crate::{
    Api, openapi,
    problem::{Code, Problem},
    routes::{health, message, messages, messaging, metrics, probes, sent},
};
use actix_web::{HttpResponse, Resource, ResponseError, Route, web};
use std::sync::LazyLock;

/// Adds all routes, over `api`.
pub fn configure(app: &mut web::ServiceConfig, api: web::Data<Api>) {
    app.app_data(api);
    for (path, method, route) in routes() {
        app.service(resource(path, method, route));
    }
    app.default_service(web::to(not_found));
}

/// Every route: path, method, handler. The first path that fits wins.
fn routes() -> [(&'static str, &'static str, Route); 11] {
    [
        ("/health", "GET", web::get().to(health::health)),
        ("/version", "GET", web::get().to(health::version)),
        ("/livez", "GET", web::get().to(probes::livez)),
        ("/readyz", "GET", web::get().to(probes::readyz)),
        ("/metrics", "GET", web::get().to(metrics::metrics)),
        ("/api/messaging/start", "POST", web::post().to(messaging::start)),
        ("/api/messaging/stop", "POST", web::post().to(messaging::stop)),
        ("/api/messages/sent", "GET", web::get().to(sent::list)),
        ("/api/messages", "POST", web::post().to(messages::enqueue)),
        ("/api/messages/{id}", "GET", web::get().to(message::show)),
        ("/api/openapi.json", "GET", web::get().to(openapi::serve)),
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

/// A resource that tells which method it takes.
fn resource(path: &str, allow: &'static str, route: Route) -> Resource {
    let refuse = move || async move { Problem::method_not_allowed(allow).error_response() };
    web::resource(path).route(route).default_service(web::to(refuse))
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
