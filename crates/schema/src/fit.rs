//! Whether a server may work on the tables that it finds.

/// A server that may work here, and how far the database is from what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The schema is the one that it was built for.
    Exact,
    /// Later migrations have only added to it: it goes on working until it is
    /// replaced.
    AddedTo {
        /// The version of the database.
        found: i32,
        /// The version that the program knows.
        known: i32,
    },
}

/// A server that may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// There is no table of ours.
    NotMigrated,
    /// A migration is missing.
    Older,
    /// A later migration changed what the program relies on.
    Newer,
}

impl Fit {
    /// Judges a database of version `found` (0: none) for a program that knows
    /// `known`. `asks` is what the migrations behind `known` ask of a program:
    /// the highest of their `works_with`, each its own version where it says none.
    ///
    /// # Errors
    /// [`Misfit`].
    pub fn of(found: i32, known: i32, asks: i32) -> Result<Self, Misfit> {
        match found {
            0 => Err(Misfit::NotMigrated),
            found if found < known => Err(Misfit::Older),
            found if found == known => Ok(Self::Exact),
            found if asks <= known => Ok(Self::AddedTo { found, known }),
            _ => Err(Misfit::Newer),
        }
    }
}

/// The query that tells the `asks` of [`Fit::of`] from the history in `table`,
/// in words that PostgreSQL and SQLite share. Before V5 there is no such column,
/// and no need to ask: only a database that is newer than a program has an answer.
#[must_use]
pub fn asks(table: &str, known: i32) -> String {
    format!("SELECT max(coalesce(works_with, version)) FROM {table} WHERE version > {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_version_fits_whatever_others_ask() {
        assert_eq!(Fit::of(5, 5, 0), Ok(Fit::Exact));
        assert_eq!(Fit::of(5, 5, 99), Ok(Fit::Exact));
    }

    #[test]
    fn no_table_and_an_older_one_do_not_fit() {
        assert_eq!(Fit::of(0, 5, 0), Err(Misfit::NotMigrated));
        assert_eq!(Fit::of(4, 5, 0), Err(Misfit::Older));
    }

    #[test]
    fn a_newer_one_fits_if_all_that_is_new_lets_this_version_stay() {
        assert_eq!(Fit::of(7, 5, 5), Ok(Fit::AddedTo { found: 7, known: 5 }));
        assert_eq!(Fit::of(7, 5, 6), Err(Misfit::Newer));
        assert_eq!(Fit::of(7, 5, 7), Err(Misfit::Newer));
    }
}
