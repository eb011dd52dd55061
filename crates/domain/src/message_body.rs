//! The text of a message.

use crate::text::characters::{ForbiddenCharacter, first_forbidden};
use std::fmt;

/// What a message may be at most; configured per deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageLimits {
    /// Most characters (Unicode scalar values) of a body.
    pub max_content_length: usize,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self { max_content_length: 160 }
    }
}

/// A text of 1 to [`MessageLimits::max_content_length`] characters.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageBody(String);

impl MessageBody {
    /// Takes a new `text` for a body, unchanged. Which characters it may have,
    /// and why, is told at [`ForbiddenCharacter`].
    ///
    /// # Errors
    /// [`InvalidBody`] tells which rule it breaks.
    pub fn parse(text: &str, limits: &MessageLimits) -> Result<Self, InvalidBody> {
        if let Some((character, position)) = first_forbidden(text) {
            return Err(InvalidBody::Forbidden { character, position });
        }
        let body = Self::of_row(text, limits)?;
        if text.trim().is_empty() { Err(InvalidBody::Blank) } else { Ok(body) }
    }

    /// Takes the text of a stored row, unchanged: less is asked of it than of a
    /// new one, because its writer expects that it is sent, as the predecessor
    /// did.
    ///
    /// # Errors
    /// [`InvalidBody`] tells why it cannot be sent at all.
    pub fn of_row(text: &str, limits: &MessageLimits) -> Result<Self, InvalidBody> {
        if text.is_empty() {
            return Err(InvalidBody::Empty);
        }
        if let Some(position) = text.chars().position(|character| character == '\0') {
            let character = ForbiddenCharacter::Nul;
            return Err(InvalidBody::Forbidden { character, position: position + 1 });
        }
        let chars = text.chars().count();
        if chars > limits.max_content_length {
            return Err(InvalidBody::TooLong { chars, max: limits.max_content_length });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its length in characters (Unicode scalar values).
    #[must_use]
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }
}

/// Shows the length only: the text may be a one-time password.
impl fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageBody({} characters)", self.chars())
    }
}

/// Why a text is no message body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBody {
    /// No character at all.
    #[error("must not be empty")]
    Empty,
    /// Blanks and nothing else.
    #[error("must not be blank")]
    Blank,
    /// A character that it must not have.
    #[error("must not contain {character}; character {position} is one")]
    Forbidden {
        /// Of which kind it is.
        character: ForbiddenCharacter,
        /// Which it is, counted from 1 in characters.
        position: usize,
    },
    /// More characters than the configured limit.
    #[error("must have at most {max} characters (MAX_CONTENT_LENGTH); it has {chars}")]
    TooLong {
        /// Characters found.
        chars: usize,
        /// Characters allowed.
        max: usize,
    },
}

impl InvalidBody {
    /// A stable word for `messages.status_reason` and for API clients.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_content",
            Self::Blank => "blank_content",
            Self::Forbidden { character, .. } => character.code(),
            Self::TooLong { .. } => "content_too_long",
        }
    }

    /// The character that is to blame, counted from 1; `None` if it is the
    /// whole text.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::Forbidden { position, .. } => Some(*position),
            Self::Empty | Self::Blank | Self::TooLong { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        let limits = MessageLimits { max_content_length: 3 };
        assert!(MessageBody::parse("ığş", &limits).is_ok());
        assert_eq!(
            MessageBody::parse("ığşü", &limits),
            Err(InvalidBody::TooLong { chars: 4, max: 3 })
        );
    }

    #[test]
    fn empty_and_nul_are_refused_in_a_row_too() {
        let limits = MessageLimits::default();
        assert_eq!(MessageBody::parse("", &limits), Err(InvalidBody::Empty));
        let nul = InvalidBody::Forbidden { character: ForbiddenCharacter::Nul, position: 2 };
        assert_eq!(MessageBody::parse("a\0b", &limits), Err(nul));
        assert_eq!(MessageBody::of_row("a\0b", &limits), Err(nul));
        assert_eq!(MessageBody::of_row("", &limits), Err(InvalidBody::Empty));
        assert_eq!(
            nul.to_string(),
            "must not contain the NUL character (U+0000); character 2 is one"
        );
    }

    #[test]
    fn a_new_text_is_judged_more_strictly_than_a_row_that_is_there() {
        let limits = MessageLimits { max_content_length: 5 };
        for (text, code, position) in [
            (" \t\n\u{3000}", "blank_content", None),
            ("a\u{7}", "content_has_control_character", Some(2)),
            ("\u{85}", "content_has_control_character", Some(1)),
            ("😀\u{ffff}", "content_has_noncharacter", Some(2)),
            ("\u{feff}abc", "content_has_byte_order_mark", Some(1)),
            ("ab\u{202e}", "content_has_direction_override", Some(3)),
        ] {
            let error = MessageBody::parse(text, &limits).unwrap_err();
            assert_eq!((error.code(), error.position()), (code, position), "{text:?}");
            assert_eq!(MessageBody::of_row(text, &limits).unwrap().as_str(), text);
        }
        let long = InvalidBody::TooLong { chars: 6, max: 5 };
        assert_eq!(MessageBody::parse("abcdef", &limits), Err(long));
        assert_eq!(MessageBody::of_row("abcdef", &limits), Err(long));
        assert_eq!(long.position(), None);
    }

    #[test]
    fn debug_shows_no_text() {
        let body = MessageBody::parse("481516", &MessageLimits::default()).unwrap();
        assert_eq!(format!("{body:?}"), "MessageBody(6 characters)");
    }
}
