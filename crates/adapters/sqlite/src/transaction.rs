//! What the steps of the protocol see of a transaction.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, Row, Transaction};

/// An open transaction and its time.
pub(crate) struct Tx<'a> {
    sql: &'a Transaction<'a>,
    /// When it was let in: time spent waiting for others must not count as time
    /// passed.
    pub(crate) now: Timestamp,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(sql: &'a Transaction<'a>, now: Timestamp) -> Self {
        Self { sql, now }
    }

    /// Runs a statement; answers how many rows it touched.
    pub(crate) fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.sql.prepare_cached(sql)?.execute(params)
    }

    /// Runs a query of one row, which must be there.
    pub(crate) fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.sql.prepare_cached(sql)?.query_row(params, read)
    }

    /// Runs a query of at most one row.
    pub(crate) fn query_opt<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.query_row(sql, params, read).optional()
    }

    /// Runs a query.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.sql.prepare_cached(sql)?.query_map(params, read)?.collect()
    }

    /// Runs a query and shows its rows one by one, while `look` wants more.
    pub(crate) fn walk(
        &self,
        sql: &str,
        params: impl Params,
        mut look: impl FnMut(&Row<'_>) -> rusqlite::Result<std::ops::ControlFlow<()>>,
    ) -> rusqlite::Result<()> {
        let mut statement = self.sql.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            if look(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
