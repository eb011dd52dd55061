//! The description of the API, made from the code.

use crate::{
    dto,
    legacy_error::{self, LegacyErrorBody},
    problem, routes,
};
use actix_web::HttpResponse;
use utoipa::{
    Modify, OpenApi,
    openapi::{Content, Ref, ResponseBuilder},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Message Dispatcher",
        description = "Sends SMS messages from a queue, in order, at a set pace, none lost and none twice.",
        license(name = "MIT", identifier = "MIT"),
    ),
    paths(
        routes::health::health,
        routes::health::version,
        routes::probes::livez,
        routes::probes::readyz,
        routes::metrics::metrics,
        routes::messaging::start,
        routes::messaging::stop,
        routes::messages::enqueue,
        routes::list::of_status,
        routes::message::show,
        routes::operators::cancel,
        routes::operators::requeue,
        routes::operators::resolve,
        routes::sent::list,
        serve,
    ),
    components(schemas(
        dto::AttemptBody,
        dto::CancelBody,
        dto::DecisionBody,
        dto::MessageBody,
        dto::MessageListBody,
        dto::MessageSummaryBody,
        dto::RequeueBody,
        dto::ResolveBody,
        dto::ControlBody,
        dto::DependenciesBody,
        dto::DerivedBody,
        dto::DispatchBody,
        dto::EnqueueBody,
        dto::EnqueuedBody,
        dto::HealthBody,
        dto::SentListBody,
        dto::SentMessageBody,
        dto::VersionBody,
        problem::FieldError,
        problem::ProblemBody,
        LegacyErrorBody,
    )),
    modifiers(&EveryRoute)
)]
struct Document;

/// What each route may answer before it is reached.
struct EveryRoute;

impl Modify for EveryRoute {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let (schema, content_type) = if legacy_error::is_legacy(path) {
                ("LegacyErrorBody", "application/json")
            } else {
                ("ProblemBody", "application/problem+json")
            };
            let refused = ResponseBuilder::new()
                .description(
                    "Not let in (`access_refused`): the request is not from this machine, came \
                     through a proxy, or was sent by another site's page",
                )
                .content(content_type, Content::new(Some(Ref::from_schema_name(schema))))
                .build();
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                operation.responses.responses.insert("403".into(), refused.clone().into());
            }
        }
    }
}

/// The OpenAPI document as pretty JSON; `docs/openapi.json` is a copy.
///
/// # Errors
/// None in practice: the document is built from constants.
pub fn document() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json().map(|text| text + "\n")
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "monitoring",
    responses((status = 200, description = "An OpenAPI document", content_type = "application/json"))
)]
pub(crate) async fn serve() -> HttpResponse {
    HttpResponse::Ok().json(Document::openapi())
}
