//! The number a message goes to.

use std::fmt;

/// A recipient's number, as its writer spelt it.
///
/// It accepts what the service that this one succeeds accepted: 10 to 20
/// characters, with no demand on their form, because users have such rows in
/// their tables. Control characters are refused: no number has one, and they
/// would travel into headers, logs and terminals.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Fewest characters of a number.
    pub const MIN_CHARS: usize = 10;
    /// Most characters of a number.
    pub const MAX_CHARS: usize = 20;

    /// Takes `text` for a number, unchanged.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`] tells which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let chars = text.chars().count();
        if !(Self::MIN_CHARS..=Self::MAX_CHARS).contains(&chars) {
            return Err(InvalidPhoneNumber::Length { chars });
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidPhoneNumber::ControlCharacter);
        }
        if text.trim().is_empty() {
            return Err(InvalidPhoneNumber::Blank);
        }
        Ok(Self(text.to_owned()))
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells two spellings of one number apart from two numbers: its
    /// digits, or the whole text where it has none.
    #[must_use]
    pub fn recipient_key(&self) -> String {
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() { self.0.clone() } else { digits }
    }
}

/// Shows the first two and the last two characters only: numbers are personal
/// data, and `{:?}` ends up in logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head: String = self.0.chars().take(2).collect();
        let tail: String = self.0.chars().skip(self.0.chars().count() - 2).collect();
        write!(f, "PhoneNumber({head}…{tail})")
    }
}

/// Why a text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhoneNumber {
    /// Too short or too long.
    #[error("must have 10 to 20 characters, such as +905551234567; it has {chars}")]
    Length {
        /// Characters found.
        chars: usize,
    },
    /// A tab, line break or another control character.
    #[error("must not contain control characters such as tabs or line breaks")]
    ControlCharacter,
    /// Only spaces.
    #[error("must not be blank")]
    Blank,
}

impl InvalidPhoneNumber {
    /// A stable word for `messages.status_reason` and for API clients.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "invalid_phone_number_length",
            Self::ControlCharacter => "invalid_phone_number_control_character",
            Self::Blank => "invalid_phone_number_blank",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_to_twenty_characters_are_accepted_as_they_are() {
        for text in ["1234567890", "+1 (555) 123-4567", "12345678901234567890"] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn nine_and_twenty_one_characters_are_refused_with_their_count() {
        for text in ["123456789", "123456789012345678901"] {
            let error = PhoneNumber::parse(text).unwrap_err();
            assert_eq!(error, InvalidPhoneNumber::Length { chars: text.len() });
        }
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(PhoneNumber::parse("٠١٢٣٤٥٦٧٨٩").is_ok());
    }

    #[test]
    fn control_characters_and_blanks_are_refused() {
        assert_eq!(PhoneNumber::parse("+9055512345\n"), Err(InvalidPhoneNumber::ControlCharacter));
        assert_eq!(PhoneNumber::parse("           "), Err(InvalidPhoneNumber::Blank));
    }

    #[test]
    fn two_spellings_of_one_number_are_one_recipient() {
        let plain = PhoneNumber::parse("+15551234567").unwrap();
        let spaced = PhoneNumber::parse("+1 (555) 123-4567").unwrap();
        assert_eq!(plain.recipient_key(), spaced.recipient_key());
    }

    #[test]
    fn debug_hides_the_middle() {
        let number = PhoneNumber::parse("+905551234567").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(+9…67)");
    }
}
