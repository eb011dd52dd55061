//! The number a message goes to.

use crate::E164;
use std::fmt;

/// A recipient's number, as its writer spelt it. The provider gets this
/// spelling too; [`PhoneNumber::e164`] is the normal form beside it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Fewest characters of a number.
    pub const MIN_CHARS: usize = 10;
    /// Most characters of a number.
    pub const MAX_CHARS: usize = 20;

    /// Takes a new `text` for a number, unchanged: 10 to 20 characters, with a
    /// digit and without control characters, which no number has and which
    /// would travel into headers, logs and terminals.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`] tells which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let number = Self::of_row(text)?;
        if text.chars().any(char::is_control) {
            return Err(InvalidPhoneNumber::ControlCharacter);
        }
        if text.trim().is_empty() {
            return Err(InvalidPhoneNumber::Blank);
        }
        if !text.chars().any(char::is_numeric) {
            return Err(InvalidPhoneNumber::NoDigit);
        }
        Ok(number)
    }

    /// Takes the number of a stored row, unchanged. It accepts what the service
    /// that this one succeeds sent: 10 to 20 characters of any kind. Users have
    /// such rows in their tables, with the line break of a file behind them;
    /// what is no number the provider refuses.
    ///
    /// # Errors
    /// [`InvalidPhoneNumber`] tells why it cannot be sent at all.
    pub fn of_row(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let chars = text.chars().count();
        if !(Self::MIN_CHARS..=Self::MAX_CHARS).contains(&chars) {
            return Err(InvalidPhoneNumber::Length { chars });
        }
        if text.contains('\0') {
            return Err(InvalidPhoneNumber::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The number as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its normal form, where it can be told.
    #[must_use]
    pub fn e164(&self) -> Option<E164> {
        E164::parse(&self.0)
    }

    /// What tells two spellings of one number apart from two numbers: its
    /// digits without zeros in front, or the whole text where it has none.
    ///
    /// Two spellings with one [`E164`] have one key, as have many whose normal
    /// form cannot be told: `+90 555…`, `0090555…` and `90555…`. That two
    /// numbers share a key by chance does no harm: one waits for the other.
    #[must_use]
    pub fn recipient_key(&self) -> String {
        let digits = self.0.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0');
        let key: String = digits.collect();
        if key.is_empty() { self.0.clone() } else { key }
    }
}

/// Shows the first two and the last two characters only: numbers are personal
/// data, and `{:?}` ends up in logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A row may have characters that drive a terminal.
        let shown = |character: char| if character.is_control() { '?' } else { character };
        let head: String = self.0.chars().take(2).map(shown).collect();
        let tail: String = self.0.chars().skip(self.0.chars().count() - 2).map(shown).collect();
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
    /// Letters and signs only.
    #[error("must have a digit, such as +905551234567")]
    NoDigit,
}

impl InvalidPhoneNumber {
    /// A stable word for `messages.status_reason` and for API clients.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "invalid_phone_number_length",
            Self::ControlCharacter => "invalid_phone_number_control_character",
            Self::Blank => "invalid_phone_number_blank",
            Self::NoDigit => "invalid_phone_number_no_digit",
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
    fn it_knows_its_normal_form() {
        let normal = |text| PhoneNumber::parse(text).unwrap().e164().map(|it| it.to_string());
        assert_eq!(normal("+90 (555) 123-4567").as_deref(), Some("+905551234567"));
        assert_eq!(normal("05551234567"), None, "of which country?");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(PhoneNumber::parse("٠١٢٣٤٥٦٧٨٩").is_ok());
    }

    #[test]
    fn a_new_number_has_a_digit_and_nothing_that_controls() {
        use InvalidPhoneNumber::*;
        for (text, error) in [
            ("+9055512345\n", ControlCharacter),
            ("+905551234567\u{85}", ControlCharacter),
            ("           ", Blank),
            ("HELLO WORLD", NoDigit),
            ("+()-.-()--+", NoDigit),
        ] {
            assert_eq!(PhoneNumber::parse(text), Err(error));
            assert_eq!(PhoneNumber::of_row(text).unwrap().as_str(), text, "sent as before");
        }
        assert_eq!(PhoneNumber::of_row("+9055512\0abc"), Err(ControlCharacter));
        assert_eq!(PhoneNumber::of_row("+90555123"), Err(Length { chars: 9 }));
    }

    #[test]
    fn two_spellings_of_one_number_are_one_recipient() {
        let key = |text| PhoneNumber::parse(text).unwrap().recipient_key();
        let spellings = ["+15551234567", "+1 (555) 123-4567", "15551234567", "0015551234567"];
        for spelling in spellings {
            assert_eq!(key(spelling), "15551234567", "{spelling}");
        }
        assert_ne!(key("+15551234567"), key("+15551234568"));
        // Numbers without a digit other than zero are known by the whole text.
        assert_eq!(key("+00000000000"), "+00000000000");
        assert_eq!(key("٠١٢٣٤٥٦٧٨٩"), "٠١٢٣٤٥٦٧٨٩");
    }

    #[test]
    fn debug_hides_the_middle_and_what_drives_a_terminal() {
        let number = PhoneNumber::parse("+905551234567").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(+9…67)");
        let number = PhoneNumber::of_row("\u{1b}[2J0555123\r\n").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(?[…??)");
    }
}
