//! A transaction with a deadline, that tells "not done" from "not confirmed".

use crate::{
    driver::Warnings,
    error::{NotReplicated, TimedOut, begin_failed, statement_failed, without_rows},
    servers::Servers,
};
use deadpool_postgres::Object;
use dispatcher_domain::ports::StoreError;
use std::{future::Future, time::Duration};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

/// A value with its type: parameters of unnamed statements. Named ones break
/// behind a pooler in transaction mode.
pub(crate) type Param<'a> = (&'a (dyn ToSql + Sync), Type);

/// What the connections of a pool have in common.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) servers: Servers,
    pub(crate) warnings: Warnings,
}

/// An open transaction.
///
/// Dropped before its end — an error, a deadline, a caller gone — it closes its
/// connection instead of giving it back: the server then rolls back, and no
/// later user of the pool waits behind a statement that nobody wants.
pub(crate) struct Transaction {
    connection: Option<Object>,
    line: Line,
    deadline: Instant,
    timeout: Duration,
}

impl Transaction {
    pub(crate) async fn begin(
        connection: Object,
        line: Line,
        deadline: Instant,
        timeout: Duration,
    ) -> Result<Self, StoreError> {
        let transaction = Self { connection: Some(connection), line, deadline, timeout };
        // The server ends what a paused or vanished client leaves open, so that
        // nobody waits for its locks; and what it acknowledges is on disk even
        // where the database's default says otherwise.
        // Zero would mean no limit at all, and the server refuses more than this.
        let millis = timeout.as_millis().clamp(1, i32::MAX as u128);
        let sql = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
             SET LOCAL statement_timeout = {millis}; \
             SET LOCAL idle_in_transaction_session_timeout = {millis}; \
             SET LOCAL synchronous_commit = 'on'"
        );
        let begun = transaction.run(transaction.client()?.batch_execute(&sql)).await;
        begun.map_err(begin_failed)?;
        Ok(transaction)
    }

    /// Runs a query.
    pub(crate) async fn query(
        &self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.run(self.client()?.query_typed(sql, params)).await
    }

    /// Runs a query of at most one row.
    pub(crate) async fn query_opt(
        &self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a statement; answers how many rows it touched.
    pub(crate) async fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.run(self.client()?.execute_typed(sql, params)).await
    }

    /// Commits. An error here means that nobody knows whether it did.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let heard = self.line.warnings.heard();
        let commit = self.client()?.batch_execute("COMMIT");
        match timeout_at(self.deadline, commit).await {
            Ok(Ok(())) if self.line.warnings.heard() != heard => {
                self.give_back();
                Err(StoreError::Unconfirmed(NotReplicated.into()))
            }
            Ok(Ok(())) => {
                self.give_back();
                Ok(())
            }
            Ok(Err(error)) => Err(StoreError::Unconfirmed(without_rows(error))),
            Err(_) => Err(StoreError::Unconfirmed(self.timed_out().into())),
        }
    }

    /// Ends it without effect.
    pub(crate) async fn rollback(mut self) -> Result<(), StoreError> {
        self.run(self.client()?.batch_execute("ROLLBACK")).await?;
        self.give_back();
        Ok(())
    }

    fn client(&self) -> Result<&Object, StoreError> {
        // It is there until `give_back`, which takes the transaction with it.
        self.connection.as_ref().ok_or_else(|| StoreError::Unexpected("transaction ended".into()))
    }

    async fn run<T>(
        &self,
        call: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        match timeout_at(self.deadline, call).await {
            Ok(result) => result.map_err(statement_failed),
            Err(_) => Err(StoreError::Unavailable(self.timed_out().into())),
        }
    }

    fn timed_out(&self) -> TimedOut {
        self.line.servers.no_answer();
        TimedOut(self.timeout)
    }

    fn give_back(&mut self) {
        self.connection = None; // Dropping the object returns it to the pool.
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}
