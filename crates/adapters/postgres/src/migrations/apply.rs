//! Applying migrations, one transaction at a time.

use super::{MigrateError, MigrateOptions, adoption, history, patience::Patience};
use dispatcher_schema::{FailedStatement, Migration, Statement};
use std::time::Duration;
use tokio_postgres::{
    Client, Transaction,
    error::SqlState,
    types::{ToSql, Type},
};

/// Between two tries, so that whoever waited for the table behind us gets on.
const PAUSE: Duration = Duration::from_secs(1);

/// A session that migrates.
pub(super) struct Applier<'a> {
    pub(super) client: &'a mut Client,
    pub(super) patience: Patience,
    pub(super) options: &'a MigrateOptions,
}

/// Sets what counts for all transactions of the session.
pub(super) async fn set_up_session(
    client: &Client,
    options: &MigrateOptions,
) -> Result<(), MigrateError> {
    let sql = "SELECT set_config('lock_timeout', $1, FALSE)";
    let lock_timeout = options.lock_timeout_ms().to_string();
    let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&lock_timeout, Type::TEXT)];
    client.query_typed(sql, &parameters).await?;
    // Without it the server goes on, and keeps tables locked, long after we
    // were killed. Unknown before PostgreSQL 14, and not to be had everywhere.
    if let Err(error) = client.batch_execute("SET client_connection_check_interval = '1s'").await {
        tracing::debug!(error = &error as &dyn std::error::Error, "no check of the connection");
    }
    Ok(())
}

impl Applier<'_> {
    /// Applies all of `migrations`, or nothing. Where another session uses a
    /// table, it tries again while there is patience left.
    pub(super) async fn apply(&mut self, migrations: &[Migration]) -> Result<(), MigrateError> {
        let mut tries = 1;
        loop {
            let Err(failure) = apply_once(self.client, migrations).await else { return Ok(()) };
            if !failure.is_lock() {
                return Err(failure.into_error());
            }
            let by = adoption::holders(self.client).await?;
            if self.patience.is_over() {
                let waited = self.options.lock_timeout;
                let statement = Box::new(failure.statement);
                return Err(MigrateError::InUse { waited, tries, by, statement });
            }
            tracing::info!(tries, ?by, "a table is in use: trying again in a moment");
            self.patience.pause_for(PAUSE).await;
            tries += 1;
        }
    }
}

/// Why a try failed; it changed nothing, unless it was the COMMIT.
struct Failure {
    statement: FailedStatement,
    state: Option<SqlState>,
}

impl Failure {
    /// The statement has waited for others, or they for each other.
    fn is_lock(&self) -> bool {
        let locks = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        self.state.as_ref().is_some_and(|state| locks.contains(state))
    }

    fn into_error(self) -> MigrateError {
        // No answer at all, 53 out of resources, 57 shutdown or canceled.
        let is_transient = self.state.as_ref().is_none_or(|state| {
            let code = state.code();
            code.starts_with("53") || code.starts_with("57")
        });
        MigrateError::Failed { source: Box::new(self.statement), applied: vec![], is_transient }
    }
}

async fn apply_once(client: &mut Client, migrations: &[Migration]) -> Result<(), Failure> {
    let name = |at: Option<&Migration>| at.map(Migration::name).unwrap_or_default();
    let (first, last) = (name(migrations.first()), name(migrations.last()));
    let tx = client.transaction().await.map_err(|error| failure(&first, "BEGIN", error))?;
    run(&tx, &first, &history::create()).await?;
    for migration in migrations {
        let name = migration.name();
        for Statement { line, sql } in migration.statements() {
            let on_line = |failure: Failure| Failure {
                statement: FailedStatement { line: Some(line), ..failure.statement },
                ..failure
            };
            run(&tx, &name, sql).await.map_err(on_line)?;
        }
        run(&tx, &name, &history::record(migration)).await?;
    }
    tx.commit().await.map_err(|error| failure(&last, "COMMIT", error))
}

async fn run(tx: &Transaction<'_>, migration: &str, sql: &str) -> Result<(), Failure> {
    tx.batch_execute(sql).await.map_err(|error| failure(migration, sql, error))
}

fn failure(migration: &str, sql: &str, error: tokio_postgres::Error) -> Failure {
    let state = error.code().cloned();
    let db = error.as_db_error();
    // 22 wrong data and 23 a constraint: there the server quotes rows.
    let quotes_rows = |state: &SqlState| ["22", "23"].iter().any(|at| state.code().starts_with(at));
    let db_text = |text: Option<&str>| {
        let is_safe = state.as_ref().is_some_and(|state| !quotes_rows(state));
        text.filter(|_| is_safe).map(str::to_owned)
    };
    let statement = FailedStatement {
        migration: migration.to_owned(),
        line: None,
        statement: sql.to_owned(),
        code: state.as_ref().map(|state| format!("SQLSTATE {}", state.code())),
        message: db.map_or_else(|| no_answer(&error), |db| db.message().to_owned()),
        detail: db_text(db.and_then(|db| db.detail())),
        hint: db_text(db.and_then(|db| db.hint())),
    };
    Failure { statement, state }
}

/// The line broke: the driver's words, down to the first cause.
fn no_answer(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}
