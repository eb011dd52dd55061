//! Errors of the predecessor's routes: `{"error","message"}`.

use crate::api::Panicked;
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use dispatcher_domain::ports::StoreError;
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// The body of an error of the predecessor's routes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LegacyErrorBody {
    /// A short name.
    #[schema(example = "Service unavailable")]
    error: String,
    /// What happened, and what to do.
    #[schema(example = "The message store cannot be reached; try again later")]
    message: String,
}

/// An error of the predecessor's routes.
#[derive(Debug)]
pub(crate) struct LegacyError {
    status: StatusCode,
    body: LegacyErrorBody,
}

/// Whether errors of `path` have this shape.
pub(crate) fn is_legacy(path: &str) -> bool {
    ["/health", "/version", "/api/messaging/start", "/api/messaging/stop", "/api/messages/sent"]
        .contains(&path)
}

impl LegacyError {
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad request", message)
    }

    fn new(status: StatusCode, error: &str, message: impl Into<String>) -> Self {
        let body = LegacyErrorBody { error: error.to_owned(), message: message.into() };
        Self { status, body }
    }
}

impl From<StoreError> for LegacyError {
    fn from(error: StoreError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a request failed");
        let unavailable =
            |message| Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", message);
        match error {
            StoreError::Unavailable(_) => {
                unavailable("The message store cannot be reached; try again later")
            }
            StoreError::Unconfirmed(_) => {
                unavailable("The message store did not confirm; ask /health what holds now")
            }
            StoreError::Unexpected(_) => Self::internal(),
        }
    }
}

impl From<Panicked> for LegacyError {
    fn from(_: Panicked) -> Self {
        Self::internal()
    }
}

impl LegacyError {
    fn internal() -> Self {
        let message = "Something went wrong here; the log tells more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error", message)
    }
}

impl fmt::Display for LegacyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.body.error, self.body.message)
    }
}

impl ResponseError for LegacyError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status).json(&self.body)
    }
}
