//! One step from a version of the schema to the next.

use crate::{Statement, statements};

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number; they are applied in this order.
    pub version: i32,
    /// Its name without the number, such as `messages`.
    pub title: String,
    /// Of the number, the name and the text.
    pub checksum: u64,
    /// Its whole text.
    pub sql: String,
}

impl Migration {
    /// With the checksum that whoever embeds the text has made.
    pub fn new(
        version: i32,
        title: impl Into<String>,
        checksum: u64,
        sql: impl Into<String>,
    ) -> Self {
        Self { version, title: title.into(), checksum, sql: sql.into() }
    }

    /// Such as `V1__messages`.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.version, &self.title)
    }

    /// The oldest schema whose programs still work on a database that has this
    /// migration, as a line of its text says: `-- works-with: 5`. None, the word
    /// to be trusted where nothing is said: they must know the migration itself.
    #[must_use]
    pub fn works_with(&self) -> Option<i32> {
        let mut said = self.sql.lines().filter_map(|line| line.strip_prefix("-- works-with:"));
        said.next()?.trim().parse().ok()
    }

    /// Its statements in order.
    #[must_use]
    pub fn statements(&self) -> Vec<Statement<'_>> {
        statements(&self.sql)
    }
}

/// A migration as the history of a database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its number.
    pub version: i32,
    /// Its name without the number.
    pub title: String,
    /// As it was written down; one that is no number fits nothing we know.
    pub checksum: String,
}

impl AppliedMigration {
    /// One line of a history.
    pub fn new(version: i32, title: impl Into<String>, checksum: impl Into<String>) -> Self {
        Self { version, title: title.into(), checksum: checksum.into() }
    }

    /// Such as `V1__messages`.
    #[must_use]
    pub fn name(&self) -> String {
        name(self.version, &self.title)
    }

    /// Whether it is the one that we know.
    pub(crate) fn is(&self, known: &Migration) -> bool {
        self.title == known.title && self.checksum == known.checksum.to_string()
    }
}

fn name(version: i32, title: &str) -> String {
    format!("V{version}__{title}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn works_with(sql: &str) -> Option<i32> {
        Migration::new(6, "more", 7, sql).works_with()
    }

    #[test]
    fn a_line_of_its_own_says_which_programs_may_stay() {
        assert_eq!(works_with("-- More.\n-- works-with: 5\nCREATE TABLE a (b int);"), Some(5));
    }

    #[test]
    fn without_that_line_or_without_a_number_none_may() {
        for sql in
            ["", "CREATE TABLE a (b int);", "-- works-with: all", "SELECT 1; -- works-with: 5"]
        {
            assert_eq!(works_with(sql), None, "{sql}");
        }
    }
}
