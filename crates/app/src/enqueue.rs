//! Taking a message in.

use crate::Wake;
use dispatcher_domain::{
    InvalidBody, InvalidPhoneNumber, MessageBody, MessageLimits, NewMessage, PhoneNumber,
    ports::{Enqueued, MessageRepo, StoreError},
};
use std::sync::Arc;

/// Checks and stores new messages.
pub struct Enqueue {
    messages: Arc<dyn MessageRepo>,
    limits: MessageLimits,
    wake: Wake,
}

/// A field that is not right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// Its name in the request.
    pub field: &'static str,
    /// A stable word for programs.
    pub code: &'static str,
    /// What would be right, for people.
    pub message: String,
}

/// The message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EnqueueError {
    /// Nothing was stored: these fields are not right.
    #[error("the message is not valid")]
    Invalid(Vec<InvalidField>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Enqueue {
    /// Stores in `messages` what `limits` allow, and wakes the dispatch loop.
    #[must_use]
    pub fn new(messages: Arc<dyn MessageRepo>, limits: MessageLimits, wake: Wake) -> Self {
        Self { messages, limits, wake }
    }

    /// Checks and stores a message.
    ///
    /// # Errors
    /// All invalid fields together, or the store's error.
    pub async fn run(&self, phone_number: &str, content: &str) -> Result<Enqueued, EnqueueError> {
        let message = self.parse(phone_number, content).map_err(EnqueueError::Invalid)?;
        let enqueued = self.messages.enqueue(&message).await?;
        self.wake.call();
        Ok(enqueued)
    }

    fn parse(&self, phone_number: &str, content: &str) -> Result<NewMessage, Vec<InvalidField>> {
        let phone_number = PhoneNumber::parse(phone_number).map_err(invalid_phone_number);
        let body = MessageBody::parse(content, &self.limits).map_err(invalid_body);
        match (phone_number, body) {
            (Ok(phone_number), Ok(body)) => Ok(NewMessage { phone_number, body }),
            (phone_number, body) => {
                Err([phone_number.err(), body.err()].into_iter().flatten().collect())
            }
        }
    }
}

fn invalid_phone_number(error: InvalidPhoneNumber) -> InvalidField {
    InvalidField { field: "phone_number", code: error.code(), message: error.to_string() }
}

fn invalid_body(error: InvalidBody) -> InvalidField {
    InvalidField { field: "content", code: error.code(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatcher_domain::ports::MockMessageRepo;

    #[tokio::test]
    async fn two_wrong_fields_are_reported_together_and_nothing_is_stored() {
        let enqueue = Enqueue::new(
            Arc::new(MockMessageRepo::new()),
            MessageLimits::default(),
            Wake::default(),
        );
        let Err(EnqueueError::Invalid(fields)) = enqueue.run("12", "").await else {
            panic!("must be refused")
        };
        let told: Vec<_> = fields.iter().map(|field| (field.field, field.code)).collect();
        let expected =
            [("phone_number", "invalid_phone_number_length"), ("content", "empty_content")];
        assert_eq!(told, expected);
    }
}
