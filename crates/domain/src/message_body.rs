//! The text of a message.

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
    /// Takes `text` for a body, unchanged.
    ///
    /// # Errors
    /// [`InvalidBody`] tells which rule it breaks.
    pub fn parse(text: &str, limits: &MessageLimits) -> Result<Self, InvalidBody> {
        if text.is_empty() {
            return Err(InvalidBody::Empty);
        }
        // PostgreSQL cannot store it and C programs on the way end at it.
        if text.contains('\0') {
            return Err(InvalidBody::Nul);
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
    /// The character U+0000.
    #[error("must not contain the NUL character (U+0000)")]
    Nul,
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
            Self::Nul => "content_has_nul",
            Self::TooLong { .. } => "content_too_long",
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
    fn empty_and_nul_are_refused() {
        let limits = MessageLimits::default();
        assert_eq!(MessageBody::parse("", &limits), Err(InvalidBody::Empty));
        assert_eq!(MessageBody::parse("a\0b", &limits), Err(InvalidBody::Nul));
    }

    #[test]
    fn debug_shows_no_text() {
        let body = MessageBody::parse("481516", &MessageLimits::default()).unwrap();
        assert_eq!(format!("{body:?}"), "MessageBody(6 characters)");
    }
}
