//! The operator's switch.

use crate::{
    Api,
    dto::ControlBody,
    legacy_error::{LegacyError, LegacyErrorBody},
};
use actix_web::{HttpResponse, web};

/// Starts sending, on all replicas.
///
/// Where a circuit breaker is open, the next send probes the provider at once: say it again after you have mended
/// what `/health` names.
#[utoipa::path(
    post, path = "/api/messaging/start", tag = "control",
    responses(
        (status = 200, description = "Sending is on", body = ControlBody),
        (status = 503, description = "The database does not answer", body = LegacyErrorBody),
        (status = 500, description = "A fault of this program", body = LegacyErrorBody),
    )
)]
pub(crate) async fn start(api: web::Data<Api>) -> Result<HttpResponse, LegacyError> {
    let operate = api.operate.clone();
    let was_running = api.run(async move { operate.start().await }).await??;
    let body = if was_running {
        ControlBody { status: "running", message: "Message processing is already running" }
    } else {
        ControlBody { status: "started", message: "Message processing started successfully" }
    };
    Ok(HttpResponse::Ok().json(body))
}

/// Stops sending, on all replicas, until a start; restarts included.
///
/// Answers when nothing is in flight any more, or after one send deadline.
#[utoipa::path(
    post, path = "/api/messaging/stop", tag = "control",
    responses(
        (status = 200, description = "Sending is off", body = ControlBody,
         headers(("X-In-Flight" = u64, description = "Sends still in flight: their outcome is not recorded yet"))),
        (status = 503, description = "The database does not answer", body = LegacyErrorBody),
        (status = 500, description = "A fault of this program", body = LegacyErrorBody),
    )
)]
pub(crate) async fn stop(api: web::Data<Api>) -> Result<HttpResponse, LegacyError> {
    let operate = api.operate.clone();
    let stopped = api.run(async move { operate.stop().await }).await??;
    let message = if stopped.was_running {
        "Message processing stopped successfully"
    } else {
        "Message processing is not running"
    };
    Ok(HttpResponse::Ok()
        .insert_header(("X-In-Flight", stopped.in_flight.to_string()))
        .json(ControlBody { status: "stopped", message }))
}
