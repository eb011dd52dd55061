//! Errors of the new routes: problem details (RFC 9457), one table of codes.

use crate::api::Panicked;
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use dispatcher_app::InvalidField;
use dispatcher_domain::Refusal;
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// Every code that a problem can have. Programs match on it: codes are added,
/// never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidMessage,
    InvalidCommand,
    InvalidQuery,
    InvalidJson,
    UnsupportedMediaType,
    BodyTooLarge,
    BodyTooSlow,
    AccessRefused,
    NotFound,
    MessageNotFound,
    MessageInFlight,
    StatusForbids,
    MaybeSent,
    Outdated,
    MethodNotAllowed,
    StoreUnavailable,
    StoreUnconfirmed,
    Internal,
}

impl Code {
    /// The word, the status and the title.
    fn row(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidMessage => {
                ("invalid_message", S::UNPROCESSABLE_ENTITY, "The message is not valid")
            }
            Self::InvalidCommand => {
                ("invalid_command", S::UNPROCESSABLE_ENTITY, "The command is not valid")
            }
            Self::InvalidQuery => ("invalid_query", S::BAD_REQUEST, "The query is not valid"),
            Self::InvalidJson => ("invalid_json", S::BAD_REQUEST, "The body is no JSON object"),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                S::UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/json",
            ),
            Self::BodyTooLarge => ("body_too_large", S::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::BodyTooSlow => {
                ("body_too_slow", S::REQUEST_TIMEOUT, "The body took too long to arrive")
            }
            Self::AccessRefused => ("access_refused", S::FORBIDDEN, "This request is not let in"),
            Self::NotFound => ("not_found", S::NOT_FOUND, "There is nothing at this address"),
            Self::MessageNotFound => {
                ("message_not_found", S::NOT_FOUND, "There is no message with this id")
            }
            Self::MessageInFlight => {
                ("message_in_flight", S::CONFLICT, "The message is being sent")
            }
            Self::StatusForbids => {
                ("status_forbids", S::CONFLICT, "The status of the message does not allow this")
            }
            Self::MaybeSent => {
                ("maybe_sent", S::CONFLICT, "The message may have been sent already")
            }
            Self::Outdated => {
                ("outdated", S::CONFLICT, "The attempt that you name is not its last")
            }
            Self::MethodNotAllowed => (
                "method_not_allowed",
                S::METHOD_NOT_ALLOWED,
                "This address does not take this method",
            ),
            Self::StoreUnavailable => {
                ("store_unavailable", S::SERVICE_UNAVAILABLE, "The message store cannot be reached")
            }
            Self::StoreUnconfirmed => {
                ("store_unconfirmed", S::SERVICE_UNAVAILABLE, "The message store did not confirm")
            }
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "Something went wrong here"),
        }
    }
}

/// An error, as a client sees it.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    allow: Option<String>,
}

/// A field that is not right.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Its name in the request.
    #[schema(example = "phone_number")]
    pub(crate) field: String,
    /// A stable word.
    #[schema(example = "invalid_phone_number_length")]
    pub(crate) code: String,
    /// What would be right.
    #[schema(example = "must have 10 to 20 characters, such as +905551234567; it has 2")]
    pub(crate) message: String,
    /// The character that is to blame, counted from 1 in Unicode code points;
    /// left out if it is the whole field.
    #[schema(example = 12, minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<usize>,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:message-dispatcher:problem:invalid_message")]
    kind: String,
    /// The kind, for people.
    title: String,
    /// The HTTP status.
    status: u16,
    /// This occurrence, for people.
    detail: String,
    /// The kind, for programs.
    #[schema(example = "invalid_message")]
    code: String,
    /// The fields that are not right, all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: vec![], allow: None }
    }

    /// Our own fault. The log has the cause, the client learns no more.
    pub(crate) fn internal() -> Self {
        Self::new(Code::Internal, "the log tells more")
    }

    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        Self::of_fields(Code::InvalidMessage, "nothing was stored; ", errors)
    }

    /// A command whose body is not right.
    pub(crate) fn command(errors: Vec<FieldError>) -> Self {
        Self::of_fields(Code::InvalidCommand, "nothing was changed; ", errors)
    }

    /// A query whose parameters are not right.
    pub(crate) fn query(errors: Vec<FieldError>) -> Self {
        Self::of_fields(Code::InvalidQuery, "", errors)
    }

    fn of_fields(code: Code, consequence: &str, errors: Vec<FieldError>) -> Self {
        let names: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        let detail = format!("{consequence}see {}", names.join(", "));
        Self { errors, ..Self::new(code, detail) }
    }

    /// `allow` is what the header of this name says.
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let detail = format!("use {allow}");
        Self { allow: Some(allow.to_owned()), ..Self::new(Code::MethodNotAllowed, detail) }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::InFlight => Code::MessageInFlight,
            Refusal::WrongStatus { .. } => Code::StatusForbids,
            Refusal::MaybeSent { .. } => Code::MaybeSent,
            Refusal::Outdated { .. } => Code::Outdated,
        };
        Self::new(code, refusal.to_string())
    }
}

impl From<Panicked> for Problem {
    fn from(_: Panicked) -> Self {
        Self::internal()
    }
}

impl FieldError {
    pub(crate) fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        let (field, code, message) = (field.to_owned(), code.to_owned(), message.into());
        Self { field, code, message, position: None }
    }
}

impl From<InvalidField> for FieldError {
    fn from(invalid: InvalidField) -> Self {
        Self {
            field: invalid.field.to_owned(),
            code: invalid.code.to_owned(),
            message: invalid.message,
            position: invalid.position,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.row().0, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.row().1
    }

    fn error_response(&self) -> HttpResponse {
        let (code, status, title) = self.code.row();
        let body = ProblemBody {
            kind: format!("urn:message-dispatcher:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            code: code.to_owned(),
            errors: self.errors.clone(),
        };
        let mut response = HttpResponse::build(status);
        if let Some(allow) = &self.allow {
            response.insert_header(("Allow", allow.as_str()));
        }
        // `json` keeps a content type that is already set.
        response.content_type("application/problem+json").json(body)
    }
}
