//! How the service is, and which.

use crate::{
    Api,
    dto::{HealthBody, VersionBody},
    legacy_error::{LegacyError, LegacyErrorBody},
};
use actix_web::{HttpResponse, web};

/// How the service and its dependencies are.
#[utoipa::path(
    get, path = "/health", tag = "monitoring",
    responses(
        (status = 200, description = "The database answers; `degraded` when Redis does not", body = HealthBody),
        (status = 503, description = "The database does not answer: nothing is sent", body = HealthBody),
        (status = 500, description = "A fault of this program", body = LegacyErrorBody),
    )
)]
pub(crate) async fn health(api: web::Data<Api>) -> Result<HttpResponse, LegacyError> {
    let check = api.health.clone();
    let health = api.run(async move { check.run().await }).await?;
    let body = HealthBody::new(&health, &api.build);
    let mut response =
        if health.database { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    Ok(response.json(body))
}

/// Which program this is.
#[utoipa::path(
    get, path = "/version", tag = "monitoring",
    responses((status = 200, description = "Version, build time and commit", body = VersionBody))
)]
pub(crate) async fn version(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(VersionBody::from(&api.build))
}
