//! Whether a database can be taken into use: a new one, or the predecessor's.
//!
//! Looks at the catalogs and once through the rows, changes nothing, locks
//! nothing, and names everything that stands in the way at once. What appears
//! between this look and the change makes the change fail as a whole.

mod columns;
mod dependents;
mod names;
mod rows;
mod server;
mod table;

use super::MigrateError;
use std::fmt;
use tokio_postgres::Client;

/// What stands in the way of a migration, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    what: String,
    way_out: String,
}

impl Problem {
    fn new(what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { what: what.into(), way_out: way_out.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.way_out)
    }
}

/// What a look at a database found that no migration of ours has touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preflight {
    /// All that stands in the way; with any of these nothing is changed.
    pub problems: Vec<Problem>,
    /// What an operator should know and judge.
    pub warnings: Vec<String>,
    /// The predecessor's table, when there is one that can be read.
    pub table: Option<FoundTable>,
}

/// The predecessor's table before it is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundTable {
    /// Rows in it.
    pub rows: u64,
    /// Bytes on the disk, indexes included.
    pub bytes: u64,
}

impl FoundTable {
    /// About how many bytes more the disk needs while it is taken over, and
    /// again as many for the write-ahead log. Measured: docs/upgrade.md.
    #[must_use]
    pub fn bytes_needed(&self) -> u64 {
        self.rows.saturating_mul(BYTES_PER_ROW)
    }
}

/// A new row of an ordinary message, with its entries in the indexes.
const BYTES_PER_ROW: u64 = 400;

/// Looks, in one transaction that only reads.
pub(super) async fn look(client: &mut Client, timezone: &str) -> Result<Preflight, MigrateError> {
    let zone_problem = server::zone_problem(client, timezone).await?;
    let zone = if zone_problem.is_none() { timezone } else { "UTC" };
    let tx = &client.build_transaction().read_only(true).start().await?;
    let mut found = Preflight::default();
    found.problems.extend(zone_problem);
    found.problems.extend(server::problems(tx).await?);
    found.problems.extend(names::problems(tx).await?);
    let Some(table) = table::find(tx).await? else { return Ok(found) };
    found.problems.extend(table.problems);
    if !table.is_plain {
        return Ok(found);
    }
    let columns = columns::look(tx, table.oid).await?;
    found.problems.extend(columns.problems);
    found.problems.extend(dependents::problems(tx, table.oid, &columns.changing).await?);
    if columns.are_readable && table.is_ours {
        let rows = rows::look(tx, table.oid, zone).await?;
        found.problems.extend(rows.problems);
        found.warnings.extend(rows.warnings);
        found.table = Some(rows.table);
    }
    Ok(found)
}
