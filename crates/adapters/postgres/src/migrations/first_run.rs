//! The first run on a database: all migrations in one transaction, so that the
//! predecessor's table is taken over as a whole or stays what it was.

use super::{
    MigrateError, MigrateOptions, Preflight, Report, adoption, names, newest, preflight, runner,
};
use std::time::Duration;
use tokio_postgres::{
    Client,
    error::SqlState,
    types::{ToSql, Type},
};

/// While we wait for the table, everybody waits behind us.
const LOCK_WAIT: Duration = Duration::from_secs(10);

pub(super) async fn run(
    client: &mut Client,
    options: &MigrateOptions,
) -> Result<Report, MigrateError> {
    let found = preflight::look(client, &options.legacy_timezone).await?;
    if !found.problems.is_empty() {
        return Err(MigrateError::Refused { problems: found.problems });
    }
    announce(&found, options);
    set_up_session(client, options).await?;
    let report = match runner().set_grouped(true).run_async(client).await {
        Ok(report) => report,
        Err(error) if code(&error) == Some(SqlState::LOCK_NOT_AVAILABLE) => {
            let by = adoption::holders(client).await?;
            return Err(MigrateError::InUse { waited: lock_wait(options), by });
        }
        Err(error) => return Err(MigrateError::of_first_run(error)),
    };
    let adopted = match found.table {
        Some(_) => Some(adoption::finish(client).await?),
        None => None,
    };
    Ok(Report { applied: names(&report), version: newest(), adopted })
}

fn announce(found: &Preflight, options: &MigrateOptions) {
    for warning in &found.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(table) = found.table {
        tracing::info!(
            rows = table.rows,
            bytes = table.bytes,
            bytes_needed = table.bytes_needed(),
            timezone = options.legacy_timezone,
            "taking over the table messages: nobody can use it until this is done"
        );
    }
}

async fn set_up_session(client: &Client, options: &MigrateOptions) -> Result<(), MigrateError> {
    let sql = "SELECT set_config('dispatcher.legacy_timezone', $1, FALSE), \
                      set_config('lock_timeout', $2, FALSE)";
    let lock_wait = lock_wait(options).as_millis().to_string();
    let parameters: [(&(dyn ToSql + Sync), Type); 2] =
        [(&options.legacy_timezone, Type::TEXT), (&lock_wait, Type::TEXT)];
    client.query_typed(sql, &parameters).await?;
    // Without it the server goes on, and keeps the table locked, long after we
    // were killed. Unknown before PostgreSQL 14, and not to be had everywhere.
    if let Err(error) = client.batch_execute("SET client_connection_check_interval = '1s'").await {
        tracing::debug!(error = &error as &dyn std::error::Error, "no check of the connection");
    }
    Ok(())
}

fn lock_wait(options: &MigrateOptions) -> Duration {
    // To PostgreSQL, zero means for ever.
    options.wait.clamp(Duration::from_millis(1), LOCK_WAIT)
}

fn code(error: &refinery::Error) -> Option<SqlState> {
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<tokio_postgres::Error>() {
            return error.code().cloned();
        }
        next = error.source();
    }
    None
}
