//! A message on its way in, and a row on its way out.

use crate::{
    Derived, InvalidBody, InvalidPhoneNumber, MessageBody, MessageLimits, PhoneNumber, StatusReason,
};
use std::fmt;

/// A row's number. Ids are reused after a `TRUNCATE … RESTART IDENTITY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub i64);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A valid message that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Where it goes.
    pub phone_number: PhoneNumber,
    /// What it says.
    pub body: MessageBody,
}

impl NewMessage {
    /// What is stored beside its texts.
    #[must_use]
    pub fn derived(&self) -> Derived {
        Derived::of(self.phone_number.as_str(), self.body.as_str())
    }
}

/// The two columns that any program may have written by SQL, not checked yet.
#[derive(Clone, Copy)]
pub struct QueuedRow<'a> {
    /// `messages.phone_number`.
    pub phone_number: &'a str,
    /// `messages.content`.
    pub content: &'a str,
}

impl QueuedRow<'_> {
    /// Checks whether it can be sent at all. `POST /api/messages` asks for more,
    /// but what the predecessor sent is still sent.
    ///
    /// # Errors
    /// The reason to write beside `rejected`.
    pub fn parse(self, limits: &MessageLimits) -> Result<NewMessage, StatusReason> {
        let phone_number = PhoneNumber::of_row(self.phone_number)
            .map_err(|e: InvalidPhoneNumber| StatusReason::of(e.code()))?;
        let body = MessageBody::of_row(self.content, limits)
            .map_err(|e: InvalidBody| StatusReason::of(e.code()))?;
        Ok(NewMessage { phone_number, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_row_names_its_first_fault() {
        let row = QueuedRow { phone_number: "12", content: "" };
        let reason = row.parse(&MessageLimits::default()).unwrap_err();
        assert_eq!(reason.as_str(), "invalid_phone_number_length");
        let row = QueuedRow { phone_number: "+905551234567", content: "" };
        let reason = row.parse(&MessageLimits::default()).unwrap_err();
        assert_eq!(reason.as_str(), "empty_content");
    }

    #[test]
    fn a_row_that_no_new_message_could_be_is_sent_as_the_predecessor_did() {
        let limits = MessageLimits::default();
        let row = QueuedRow { phone_number: "+905551234567\r", content: "\u{feff}Hello\u{7}" };
        let message = row.parse(&limits).unwrap();
        assert_eq!(message.phone_number.as_str(), row.phone_number);
        assert_eq!(message.body.as_str(), row.content);
        assert_eq!(message.derived().phone_e164.unwrap().to_string(), "+905551234567");
    }
}
