//! Which route stands where.

use crate::{
    Api, openapi,
    problem::{Code, Problem},
    routes::{health, message, messages, messaging, sent},
};
use actix_web::{HttpResponse, Resource, ResponseError, Route, web};

/// Adds all routes, over `api`.
pub fn configure(app: &mut web::ServiceConfig, api: web::Data<Api>) {
    app.app_data(api)
        .service(resource("/health", "GET", web::get().to(health::health)))
        .service(resource("/version", "GET", web::get().to(health::version)))
        .service(resource("/api/messaging/start", "POST", web::post().to(messaging::start)))
        .service(resource("/api/messaging/stop", "POST", web::post().to(messaging::stop)))
        .service(resource("/api/messages/sent", "GET", web::get().to(sent::list)))
        .service(resource("/api/messages", "POST", web::post().to(messages::enqueue)))
        .service(resource("/api/messages/{id}", "GET", web::get().to(message::show)))
        .service(resource("/api/openapi.json", "GET", web::get().to(openapi::serve)))
        .default_service(web::to(not_found));
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
