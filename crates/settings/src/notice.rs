//! One thing that an operator should know.

use std::fmt;

/// How loud a [`Notice`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Probably not what was meant, or a risk that was taken.
    Warn,
}

impl NoticeLevel {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
        }
    }
}

/// One line to log at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How loud.
    pub level: NoticeLevel,
    /// The line; names the variables and carries no secret.
    pub text: String,
}

impl Notice {
    pub(crate) fn info(text: impl Into<String>) -> Self {
        Self { level: NoticeLevel::Info, text: text.into() }
    }

    pub(crate) fn warn(text: impl Into<String>) -> Self {
        Self { level: NoticeLevel::Warn, text: text.into() }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
