//! Numbers for Prometheus.

use crate::{
    Api,
    problem::{Problem, ProblemBody},
};
use actix_web::{HttpResponse, web};

/// Metrics in the text format of Prometheus.
///
/// Answers within about a second also while the database hangs; its numbers
/// are absent then.
#[utoipa::path(
    get, path = "/metrics", tag = "monitoring",
    responses(
        (status = 200, description = "Text format 0.0.4", body = String, content_type = "text/plain; version=0.0.4"),
        (status = 500, description = "A fault of this program", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn metrics(api: web::Data<Api>) -> Result<HttpResponse, Problem> {
    let metrics = api.metrics.clone();
    let text = api.run(async move { metrics.run().await }).await?.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "no metrics");
        Problem::internal()
    })?;
    Ok(HttpResponse::Ok().content_type(api.metrics.content_type()).body(text))
}
