//! The provider's own errors, in one table: status, stable code, and a text that holds no number and no content.

use serde::Serialize;

use crate::ScriptError;

/// Why a request is not taken, before or beside any script. Serialises to the JSON body of the answer.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    #[serde(skip)]
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn new(status: u16, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into(), field: None }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            401,
            "unauthorized",
            "the header `Authorization: Bearer TOKEN` is missing or its token is wrong",
        )
    }

    /// A syntax error; serde_json's own text gives line and column and quotes nothing of the body.
    pub(crate) fn not_json(error: &serde_json::Error) -> Self {
        Self::new(400, "invalid_json", format!("the body is not JSON: {error}"))
    }

    pub(crate) fn not_an_object() -> Self {
        Self::new(
            400,
            "invalid_json",
            r#"the body is no JSON object such as {"phone_number":"+90…","content":"…"}"#,
        )
    }

    pub(crate) fn field(name: &'static str, what: &str) -> Self {
        Self {
            field: Some(name),
            ..Self::new(400, "invalid_field", format!("the field {name} {what}"))
        }
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(413, "too_large", format!("the body has more than {limit} bytes"))
    }

    /// `[mock:…]` in a message that makes no sense: said aloud, because a silent accept would make a test pass.
    pub(crate) fn bad_marker(error: &ScriptError) -> Self {
        Self {
            field: Some("content"),
            ..Self::new(
                400,
                "bad_script",
                format!("the [mock:…] marker in the content: {}", error.problem()),
            )
        }
    }

    pub(crate) fn bad_script(message: impl Into<String>) -> Self {
        Self::new(400, "bad_script", message)
    }

    /// A behaviour built in code that HTTP cannot express.
    pub(crate) fn cannot_be_played(message: impl Into<String>) -> Self {
        Self::new(500, "bad_script", message)
    }

    pub(crate) fn ledger(error: &std::io::Error) -> Self {
        Self::new(
            500,
            "ledger_unavailable",
            format!("not accepted: the ledger file cannot be written: {error}"),
        )
    }

    pub(crate) fn unknown_key() -> Self {
        Self::new(404, "unknown_key", "no message was accepted with this idempotency key")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            404,
            "not_found",
            "there are POST /send, GET /messages/KEY, GET /health, GET /ledger, GET /requests, GET /script and PUT /script",
        )
    }

    pub(crate) fn wrong_method(allowed: &str) -> Self {
        Self::new(405, "method_not_allowed", format!("this path takes {allowed}"))
    }
}
