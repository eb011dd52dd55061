//! A message on its way in, and a row on its way out.

use crate::{
    InvalidBody, InvalidPhoneNumber, MessageBody, MessageLimits, PhoneNumber, StatusReason,
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

/// The two columns that any program may have written by SQL, not checked yet.
#[derive(Clone, Copy)]
pub struct QueuedRow<'a> {
    /// `messages.phone_number`.
    pub phone_number: &'a str,
    /// `messages.content`.
    pub content: &'a str,
}

impl QueuedRow<'_> {
    /// Checks the row as `POST /api/messages` would have.
    ///
    /// # Errors
    /// The reason to write beside `rejected`.
    pub fn parse(self, limits: &MessageLimits) -> Result<NewMessage, StatusReason> {
        let phone_number = PhoneNumber::parse(self.phone_number)
            .map_err(|e: InvalidPhoneNumber| StatusReason::of(e.code()))?;
        let body = MessageBody::parse(self.content, limits)
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
}
