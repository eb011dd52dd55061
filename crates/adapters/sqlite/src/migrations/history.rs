//! Where refinery meets SQLite: all that it does is part of one transaction.
//!
//! Its own driver for SQLite writes each migration and its entry in the history
//! in two transactions, between which a crash leaves what it then refuses, and
//! takes no lock against a second migrator.

use refinery_core::{
    Migration,
    traits::sync::{Migrate, Query, Transaction},
};
use time::OffsetDateTime;

/// The open transaction of one migrator.
pub(super) struct History<'a>(pub(super) &'a rusqlite::Transaction<'a>);

impl Transaction for History<'_> {
    type Error = rusqlite::Error;

    fn execute<'a, T: Iterator<Item = &'a str>>(
        &mut self,
        queries: T,
    ) -> Result<usize, Self::Error> {
        let mut count = 0;
        for query in queries {
            self.0.execute_batch(query)?;
            count += 1;
        }
        Ok(count)
    }
}

impl Query<Vec<Migration>> for History<'_> {
    /// Selects version, name, time and checksum; the time is not looked at.
    fn query(&mut self, query: &str) -> Result<Vec<Migration>, Self::Error> {
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([], |row| {
            let checksum: String = row.get(3)?;
            // One that is no number fits no migration of ours.
            let checksum = checksum.parse().unwrap_or(0);
            Ok(Migration::applied(row.get(0)?, row.get(1)?, OffsetDateTime::UNIX_EPOCH, checksum))
        })?;
        rows.collect()
    }
}

impl Migrate for History<'_> {}
