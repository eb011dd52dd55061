//! Which statement failed, and why.

use std::fmt;

/// A statement of a migration that the database refused.
///
/// Whoever makes one leaves out what quotes rows: phone numbers and texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedStatement {
    /// The migration that it is part of, such as `V2__messages`.
    pub migration: String,
    /// The line of its text on which the statement begins, from 1. None: it is
    /// not part of the text (an entry in the history, the COMMIT).
    pub line: Option<usize>,
    /// The statement.
    pub statement: String,
    /// The database's code, such as an SQLSTATE; none where the line broke.
    pub code: Option<String>,
    /// What the database says.
    pub message: String,
    /// More of it.
    pub detail: Option<String>,
    /// What the database advises.
    pub hint: Option<String>,
}

impl FailedStatement {
    /// The first line of the statement, and whether that is all of it.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut lines = self.statement.lines();
        let first = lines.next().unwrap_or_default().trim_end();
        if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
    }
}

impl fmt::Display for FailedStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.migration)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        write!(f, "\n  statement: {}", self.summary())?;
        for (name, text) in [("detail", &self.detail), ("hint", &self.hint)] {
            if let Some(text) = text {
                write!(f, "\n  {name}: {}", text.replace('\n', "\n    "))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for FailedStatement {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_where_what_and_why() {
        let mut failed = FailedStatement {
            migration: "V2__messages".to_owned(),
            line: Some(41),
            statement: "ALTER TABLE messages\n    ADD COLUMN status text".to_owned(),
            code: Some("SQLSTATE 0A000".to_owned()),
            message: "cannot".to_owned(),
            detail: Some("a view\nand another".to_owned()),
            hint: None,
        };
        let expected = "V2__messages, line 41: cannot (SQLSTATE 0A000)\n  \
                        statement: ALTER TABLE messages …\n  detail: a view\n    and another";
        assert_eq!(failed.to_string(), expected);
        (failed.line, failed.statement) = (None, "COMMIT".to_owned());
        (failed.code, failed.detail) = (None, None);
        assert_eq!(failed.to_string(), "V2__messages: cannot\n  statement: COMMIT");
    }
}
