//! Texts that must not be shown.

use std::fmt;

/// A text that `Debug` does not show. There is no `Display`, so that it cannot
/// slip into a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes any text, unchanged.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; only for the one who needs it to log in.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is no secret at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_nothing_not_even_the_length() {
        assert_eq!(
            format!("{:?} {:?}", Secret::new("hush"), Secret::new("")),
            "Secret(…) Secret(…)"
        );
    }
}
