//! Taking a message in.

use crate::Wake;
use dispatcher_domain::{
    Derived, InvalidBody, InvalidPhoneNumber, InvalidTerms, MessageBody, MessageLimits, NewMessage,
    PhoneNumber, Terms,
    ports::{Clock, Enqueued, MessageRepo, StoreError},
};
use std::sync::Arc;

/// Checks and stores new messages.
pub struct Enqueue {
    messages: Arc<dyn MessageRepo>,
    clock: Arc<dyn Clock>,
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
    /// What would be right, for people. Never the text itself.
    pub message: String,
    /// The character that is to blame, counted from 1, if it is one.
    pub position: Option<usize>,
}

/// A message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// What the store says of it.
    pub stored: Enqueued,
    /// What follows from its texts.
    pub derived: Derived,
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
    pub fn new(
        messages: Arc<dyn MessageRepo>,
        clock: Arc<dyn Clock>,
        limits: MessageLimits,
        wake: Wake,
    ) -> Self {
        Self { messages, clock, limits, wake }
    }

    /// Checks and stores a message.
    ///
    /// # Errors
    /// All invalid fields together, or the store's error.
    pub async fn run(
        &self,
        phone_number: &str,
        content: &str,
        terms: &Terms,
    ) -> Result<Taken, EnqueueError> {
        let message = self.parse(phone_number, content, terms).map_err(EnqueueError::Invalid)?;
        let stored = self.messages.enqueue(&message, terms).await?;
        self.wake.call();
        Ok(Taken { stored, derived: message.derived() })
    }

    fn parse(
        &self,
        phone_number: &str,
        content: &str,
        terms: &Terms,
    ) -> Result<NewMessage, Vec<InvalidField>> {
        match (self.phone_number(phone_number), self.body(content), self.terms(terms)) {
            (Ok(phone_number), Ok(body), Ok(())) => Ok(NewMessage { phone_number, body }),
            (phone_number, body, terms) => {
                let faults = [phone_number.err(), body.err(), terms.err()];
                Err(faults.into_iter().flatten().collect())
            }
        }
    }

    /// Checks a phone number alone: for a request whose other fields cannot
    /// even be read, so that all mistakes are told at once.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn phone_number(&self, text: &str) -> Result<PhoneNumber, InvalidField> {
        PhoneNumber::parse(text).map_err(invalid_phone_number)
    }

    /// Checks a body alone, as [`Enqueue::phone_number`] does a number.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn body(&self, text: &str) -> Result<MessageBody, InvalidField> {
        MessageBody::parse(text, &self.limits).map_err(invalid_body)
    }

    /// Checks terms alone, as [`Enqueue::phone_number`] does a number. By the
    /// clock of this process: a courtesy to the caller. When a message may start
    /// is decided by the store's.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn terms(&self, terms: &Terms) -> Result<(), InvalidField> {
        terms.check(self.clock.wall()).map_err(invalid_terms)
    }
}

fn invalid_phone_number(error: InvalidPhoneNumber) -> InvalidField {
    let (code, message) = (error.code(), error.to_string());
    InvalidField { field: "phone_number", code, message, position: None }
}

fn invalid_body(error: InvalidBody) -> InvalidField {
    let (code, message) = (error.code(), error.to_string());
    InvalidField { field: "content", code, message, position: error.position() }
}

fn invalid_terms(error: InvalidTerms) -> InvalidField {
    let (code, message) = (error.code(), error.to_string());
    InvalidField { field: "expires_at", code, message, position: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, unavailable};
    use dispatcher_domain::{MessageId, Priority, Status, ports::MockMessageRepo};
    use futures_util::FutureExt;
    use jiff::Timestamp;

    #[tokio::test]
    async fn all_wrong_fields_are_reported_together_and_nothing_is_stored() {
        let enqueue = over(MockMessageRepo::new(), Wake::default());
        // The clock begins in 2023.
        let terms = Terms { expires_at: Some(Timestamp::UNIX_EPOCH), ..Terms::default() };
        let Err(EnqueueError::Invalid(fields)) = enqueue.run("12", "", &terms).await else {
            panic!("must be refused")
        };
        let told: Vec<_> = fields.iter().map(|field| (field.field, field.code)).collect();
        let expected = [
            ("phone_number", "invalid_phone_number_length"),
            ("content", "empty_content"),
            ("expires_at", "expires_in_the_past"),
        ];
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn the_character_that_is_to_blame_is_told_by_its_place_and_the_text_is_not() {
        let enqueue = over(MockMessageRepo::new(), Wake::default());
        let Err(EnqueueError::Invalid(fields)) =
            enqueue.run("+905551234567", "PIN 481516\u{7}", &Terms::default()).await
        else {
            panic!("must be refused")
        };
        assert_eq!(
            (fields[0].code, fields[0].position),
            ("content_has_control_character", Some(11))
        );
        assert!(!format!("{fields:?}").contains("481516"));
    }

    fn over(repo: MockMessageRepo, wake: Wake) -> Enqueue {
        Enqueue::new(Arc::new(repo), ManualClock::new(), MessageLimits::default(), wake)
    }

    /// What comes of a valid message, and whether the loop is called.
    async fn run(answer: Result<Enqueued, StoreError>) -> (Result<Taken, EnqueueError>, bool) {
        let mut repo = MockMessageRepo::new();
        let terms = Terms { priority: Priority::stored(7), ..Terms::default() };
        let valid = move |new: &NewMessage, on: &Terms| {
            new.phone_number.as_str() == "+905551234567"
                && new.body.as_str() == "Hello"
                && *on == terms
        };
        repo.expect_enqueue().withf(valid).return_once(|_, _| answer);
        let wake = Wake::default();
        let answer = over(repo, wake.clone()).run("+905551234567", "Hello", &terms).await;
        (answer, wake.called().now_or_never().is_some())
    }

    #[tokio::test]
    async fn a_stored_message_wakes_the_loop() {
        let stored = Enqueued {
            id: MessageId(7),
            status: Status::Queued,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let (answer, woken) = run(Ok(stored)).await;
        let derived = Derived::of("+905551234567", "Hello");
        assert_eq!((answer.unwrap(), woken), (Taken { stored, derived }, true));
    }

    #[tokio::test]
    async fn a_message_that_was_not_stored_wakes_nobody() {
        let (answer, woken) = run(Err(unavailable())).await;
        assert!(matches!(answer, Err(EnqueueError::Store(StoreError::Unavailable(_)))));
        assert!(!woken);
    }
}
