//! The first run on a database: all migrations in one transaction, so that the
//! predecessor's table is taken over as a whole or stays what it was.

use super::{
    MigrateError, MigrateOptions, Preflight, Report, adoption, apply::Applier, known, newest,
    preflight,
};
use dispatcher_schema::Migration;
use tokio_postgres::types::Type;

pub(super) async fn run(mut applier: Applier<'_>) -> Result<Report, MigrateError> {
    let options = applier.options;
    let found = preflight::look(applier.client, &options.legacy_timezone).await?;
    if !found.problems.is_empty() {
        return Err(MigrateError::Refused { problems: found.problems });
    }
    announce(&found, options);
    let zone = "SELECT set_config('dispatcher.legacy_timezone', $1, FALSE)";
    applier.client.query_typed(zone, &[(&options.legacy_timezone, Type::TEXT)]).await?;
    let migrations = known();
    applier.apply(&migrations).await.map_err(MigrateError::of_first_run)?;
    let adopted = match found.table {
        Some(_) => Some(adoption::finish(applier.client).await?),
        None => None,
    };
    let applied = migrations.iter().map(Migration::name).collect();
    Ok(Report { applied, version: newest(), adopted })
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
