//! The body of an operator's command, taken apart so that each mistake has its
//! name.

use crate::{
    body,
    problem::{Code, FieldError, Problem},
};
use actix_web::{HttpRequest, web::Payload};
use dispatcher_domain::{OperatorCommand, OperatorRequest, ProviderMessageId};
use serde_json::{Map, Value};

/// The fields that were sent and not looked at yet, and what is wrong so far.
pub(crate) struct Fields {
    left: Map<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<FieldError>,
}

impl Fields {
    /// Reads the body; one that is empty has no fields.
    pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        let bytes = body::collect(payload).await?;
        if !bytes.is_empty() {
            body::require_json(request)?;
        }
        Self::parse(&bytes)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            return Ok(Self::of(Map::new()));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self::of(fields)),
            Ok(_) => Err(Problem::new(Code::InvalidJson, "expected an object, such as {}")),
            Err(error) => Err(Problem::new(Code::InvalidJson, error.to_string())),
        }
    }

    fn of(left: Map<String, Value>) -> Self {
        Self { left, known: vec![], faults: vec![] }
    }

    /// `POST …/cancel`.
    pub(crate) fn cancel(self) -> Result<OperatorRequest, Problem> {
        self.finish(OperatorCommand::Cancel)
    }

    /// `POST …/requeue`.
    pub(crate) fn requeue(mut self) -> Result<OperatorRequest, Problem> {
        let force = self.flag("force");
        self.finish(OperatorCommand::Requeue { force })
    }

    /// `POST …/resolve`.
    pub(crate) fn resolve(mut self) -> Result<OperatorRequest, Problem> {
        let provider_message_id = self.message_id();
        let command = match self.text("outcome").as_deref() {
            Some("sent") => OperatorCommand::ResolveSent { provider_message_id },
            Some("not_sent") => {
                if provider_message_id.is_some() {
                    self.fault("message_id", "not_with_not_sent", "belongs to outcome sent");
                }
                OperatorCommand::ResolveNotSent
            }
            Some(_) => {
                self.fault("outcome", "unknown_outcome", "must be sent or not_sent");
                OperatorCommand::ResolveNotSent
            }
            None => {
                if self.faults.iter().all(|fault| fault.field != "outcome") {
                    self.fault("outcome", "missing", "is required: sent or not_sent");
                }
                OperatorCommand::ResolveNotSent
            }
        };
        self.finish(command)
    }

    /// The request, if nothing is wrong with any field.
    fn finish(mut self, command: OperatorCommand) -> Result<OperatorRequest, Problem> {
        let seen_attempt = self.attempt();
        let known = self.known.join(", ");
        let unknown = self.left.keys().map(|name| {
            let name: String = name.chars().take(100).collect();
            FieldError::new(&name, "unknown_field", format!("is not known; there are {known}"))
        });
        self.faults.extend(unknown);
        if self.faults.is_empty() {
            Ok(OperatorRequest { command, seen_attempt })
        } else {
            Err(Problem::command(self.faults))
        }
    }

    fn attempt(&mut self) -> Option<i32> {
        let value = self.take("attempt")?;
        let attempt = value.as_i64().and_then(|number| i32::try_from(number).ok());
        let attempt = attempt.filter(|number| *number >= 0);
        if attempt.is_none() {
            let right = "must be the number of the last attempt that you saw, 0 if none";
            self.fault("attempt", "not_an_attempt", right);
        }
        attempt
    }

    fn message_id(&mut self) -> Option<ProviderMessageId> {
        let text = self.text("message_id")?;
        let id = ProviderMessageId::parse(&text).filter(|id| id.as_str() == text.trim());
        if id.is_none() {
            let right =
                format!("must have 1 to {} visible characters", ProviderMessageId::MAX_CHARS);
            self.fault("message_id", "not_a_message_id", right);
        }
        id
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.fault(name, "not_a_string", "must be a string in quotes");
                None
            }
        }
    }

    fn flag(&mut self, name: &'static str) -> bool {
        match self.take(name) {
            Some(Value::Bool(flag)) => flag,
            None => false,
            Some(_) => {
                self.fault(name, "not_a_boolean", "must be true or false");
                false
            }
        }
    }

    /// A field; `null` means that it is not there.
    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }

    fn fault(&mut self, field: &str, code: &str, right: impl Into<String>) {
        self.faults.push(FieldError::new(field, code, right));
    }
}
