//! What a database has, beside what this program knows.

use crate::{AppliedMigration, Migration};
use std::{collections::BTreeMap, fmt};

/// Whether a database has a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrationState {
    /// Yes, as this program knows it.
    Applied,
    /// Not yet.
    Pending,
    /// Yes, but with another text or name than this program knows.
    Altered,
    /// No, although it has a later one.
    Missing,
    /// Yes, but this program does not know it: a newer one made it, or one
    /// of another line.
    Unknown,
}

/// One migration, and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i32,
    /// Its name, such as `V1__messages`; of one that is applied, the database's.
    pub name: String,
    /// Whether the database has it.
    pub state: MigrationState,
}

/// In words for an operator: the name, and what is the matter with it.
impl fmt::Display for MigrationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.state {
            MigrationState::Applied => "is applied",
            MigrationState::Pending => "is not applied yet",
            MigrationState::Altered => {
                "was applied with another text or name than this program has (its checksum differs)"
            }
            MigrationState::Missing => "was never applied, but a later one was",
            MigrationState::Unknown => "was applied, and this program does not know it",
        };
        write!(f, "{} {what}", self.name)
    }
}

/// All migrations that a database has or this program knows, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    migrations: Vec<MigrationStatus>,
    found: i32,
    needed: i32,
}

impl Schema {
    /// Holds the history of a database against what this program knows.
    #[must_use]
    pub fn compare(known: &[Migration], applied: Vec<AppliedMigration>) -> Self {
        let newest = |versions: &mut dyn Iterator<Item = i32>| versions.max().unwrap_or(0);
        let found = newest(&mut applied.iter().map(|one| one.version));
        let needed = newest(&mut known.iter().map(|one| one.version));
        let mut all: BTreeMap<i32, MigrationStatus> = BTreeMap::new();
        for migration in known {
            let is_late = migration.version < found;
            let state = if is_late { MigrationState::Missing } else { MigrationState::Pending };
            let (version, name) = (migration.version, migration.name());
            all.insert(version, MigrationStatus { version, name, state });
        }
        for one in applied {
            let state = match known.iter().find(|known| known.version == one.version) {
                Some(known) if one.is(known) => MigrationState::Applied,
                Some(_) => MigrationState::Altered,
                None => MigrationState::Unknown,
            };
            let (version, name) = (one.version, one.name());
            all.insert(version, MigrationStatus { version, name, state });
        }
        Self { migrations: all.into_values().collect(), found, needed }
    }

    /// All, in order.
    #[must_use]
    pub fn migrations(&self) -> &[MigrationStatus] {
        &self.migrations
    }

    /// The version that the database has; 0: none of ours.
    #[must_use]
    pub fn found(&self) -> i32 {
        self.found
    }

    /// The version that this program makes and works with.
    #[must_use]
    pub fn needed(&self) -> i32 {
        self.needed
    }

    /// No migration was ever applied.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.found == 0
    }

    /// What is still to be applied, in order.
    pub fn pending(&self) -> impl Iterator<Item = &MigrationStatus> {
        self.migrations.iter().filter(|one| one.state == MigrationState::Pending)
    }

    /// What no migration of this program mends.
    pub fn differences(&self) -> impl Iterator<Item = &MigrationStatus> {
        use MigrationState::{Applied, Pending};
        self.migrations.iter().filter(|one| !matches!(one.state, Applied | Pending))
    }

    /// Whether this program may work on it: the database has nothing that this
    /// program does not know in the same words.
    ///
    /// # Errors
    /// It is newer, or differs.
    pub fn check(&self) -> Result<(), SchemaConflict> {
        let (found, needed) = (self.found, self.needed);
        if found > needed {
            return Err(SchemaConflict::Newer { found, needed });
        }
        let differences: Vec<_> = self.differences().cloned().collect();
        if differences.is_empty() { Ok(()) } else { Err(SchemaConflict::Differs { differences }) }
    }
}

/// The database is not what any run of this program leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaConflict {
    /// A newer program's tables.
    #[error(
        "the database has schema {found}, newer than the {needed} of this program: \
         run the message-dispatcher-migrate that made it"
    )]
    Newer {
        /// The version found.
        found: i32,
        /// The version that this program would make.
        needed: i32,
    },
    /// Another program's tables, or a history that somebody has edited.
    #[error(
        "the history of the database does not fit this program: run the \
         message-dispatcher-migrate that made it, or restore the history{}",
        list(differences)
    )]
    Differs {
        /// All that do not fit; at least one.
        differences: Vec<MigrationStatus>,
    },
}

/// One below the other.
fn list(items: &[MigrationStatus]) -> String {
    items.iter().map(|item| format!("\n  - {item}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use MigrationState::{Altered, Applied, Missing, Pending, Unknown};

    fn known() -> Vec<Migration> {
        ["a", "b", "c"]
            .iter()
            .zip(1..)
            .map(|(title, at)| Migration::new(at, *title, 7, ""))
            .collect()
    }

    fn schema(applied: &[(i32, &str, &str)]) -> Schema {
        let applied =
            applied.iter().map(|(at, title, sum)| AppliedMigration::new(*at, *title, *sum));
        Schema::compare(&known(), applied.collect())
    }

    fn states(schema: &Schema) -> Vec<MigrationState> {
        schema.migrations().iter().map(|one| one.state).collect()
    }

    #[test]
    fn of_a_new_database_all_is_pending() {
        let schema = schema(&[]);
        assert_eq!(states(&schema), [Pending; 3]);
        assert!(schema.is_new() && schema.check().is_ok());
        assert_eq!((schema.found(), schema.needed()), (0, 3));
    }

    #[test]
    fn what_is_applied_in_the_same_words_is_applied() {
        let schema = schema(&[(1, "a", "7"), (2, "b", "7")]);
        assert_eq!(states(&schema), [Applied, Applied, Pending]);
        assert_eq!(schema.pending().count(), 1);
        assert!(schema.check().is_ok() && !schema.is_new());
    }

    #[test]
    fn another_checksum_or_name_is_altered_even_one_that_is_no_number() {
        for applied in [(1, "a", "8"), (1, "a", "x"), (1, "z", "7")] {
            let schema = schema(&[applied]);
            assert_eq!(states(&schema), [Altered, Pending, Pending]);
            let text = schema.check().unwrap_err().to_string();
            assert!(
                text.contains(&format!("- V1__{} was applied with another", applied.1)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_gap_is_missing_and_all_differences_are_listed() {
        let schema = schema(&[(2, "b", "8"), (3, "c", "7")]);
        assert_eq!(states(&schema), [Missing, Altered, Applied]);
        let text = schema.check().unwrap_err().to_string();
        assert!(text.contains("V1__a was never") && text.contains("V2__b was applied"), "{text}");
    }

    #[test]
    fn a_newer_database_is_told_as_newer_whatever_else_differs() {
        let schema = schema(&[(1, "a", "8"), (9, "later", "1")]);
        assert_eq!(states(&schema), [Altered, Missing, Missing, Unknown]);
        assert_eq!(schema.check(), Err(SchemaConflict::Newer { found: 9, needed: 3 }));
    }
}
