//! What a run would do now, as a script.

use super::{
    MigrateError, MigrateOptions, Preflight, SESSION, adoption, connection, history,
    history::HISTORY, lock::MIGRATION_LOCK, patience::Patience, pending, preflight,
};
use crate::PgConfig;
use dispatcher_schema::{Migration, Schema};
use std::fmt::Write;

/// What a run would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the database has.
    pub schema: Schema,
    /// What a first run found; none later.
    pub preflight: Option<Preflight>,
    /// All of it as SQL, for any client that runs statement by statement and
    /// stops at the first error. None: there is nothing to do.
    pub sql: Option<String>,
}

/// Tells what [`migrate_with`](super::migrate_with) would run now, and changes
/// nothing. A server that is not up yet is waited for.
///
/// # Errors
/// [`MigrateError`]: the database cannot be reached or read, or the run would
/// be refused.
pub async fn plan(config: &PgConfig, options: &MigrateOptions) -> Result<Plan, MigrateError> {
    let mut connection = connection::open(config, &mut Patience::new(options.wait)).await?;
    let client = &mut connection.client;
    client.batch_execute(SESSION).await?;
    let schema = history::read(client).await?;
    schema.check()?;
    let preflight = match schema.is_new() {
        true => Some(preflight::look(client, &options.legacy_timezone).await?),
        false => None,
    };
    if let Some(Preflight { problems, .. }) = &preflight
        && !problems.is_empty()
    {
        return Err(MigrateError::Refused { problems: problems.clone() });
    }
    let sql = script(&schema, preflight.as_ref(), options);
    Ok(Plan { schema, preflight, sql })
}

fn script(
    schema: &Schema,
    preflight: Option<&Preflight>,
    options: &MigrateOptions,
) -> Option<String> {
    let pending = pending(schema);
    if pending.is_empty() {
        return None;
    }
    let takes_over = preflight.is_some_and(|found| found.table.is_some());
    let mut sql = head(schema, options, takes_over);
    match preflight {
        Some(_) => transaction(&mut sql, 0, &pending),
        None => {
            let mut found = schema.found();
            for migration in pending {
                transaction(&mut sql, found, std::slice::from_ref(&migration));
                found = migration.version;
            }
        }
    }
    if takes_over {
        add(
            &mut sql,
            "-- No send starts within a minute: the last batch of the Go service may end.",
        );
        add(&mut sql, &format!("{};\n\n{};", adoption::HOLD, adoption::SETTLE));
    }
    Some(sql)
}

fn head(schema: &Schema, options: &MigrateOptions, takes_over: bool) -> String {
    let mut sql = format!(
        "-- From schema {} to {}: what message-dispatcher-migrate would run now on this database.\n\
         -- Run it with a client that stops at the first error: psql -v ON_ERROR_STOP=1 -f FILE\n",
        schema.found(),
        schema.needed()
    );
    if takes_over {
        let zone = &options.legacy_timezone;
        let _ = writeln!(
            sql,
            "-- It takes over the table messages, whose times it reads in {zone} (LEGACY_TIMEZONE): \
             nobody\n-- can use the table until COMMIT."
        );
    }
    let _ = writeln!(
        sql,
        "\n{};\nSET lock_timeout = '{}ms';",
        SESSION.replace("; ", ";\n"),
        options.lock_timeout_ms()
    );
    if schema.is_new() {
        let zone = options.legacy_timezone.replace('\'', "''");
        let _ = writeln!(sql, "SELECT set_config('dispatcher.legacy_timezone', '{zone}', FALSE);");
    }
    sql.push('\n');
    sql
}

/// The migrations together, unless the schema is no longer at `found`.
fn transaction(sql: &mut String, found: i32, migrations: &[Migration]) {
    add(sql, "BEGIN;");
    add(sql, &alone());
    add(sql, &format!("{};", history::create()));
    add(sql, &unchanged(found));
    for migration in migrations {
        add(sql, &format!("-- {} {}", migration.name(), "-".repeat(60)));
        add(sql, migration.sql.trim_end());
        add(sql, &format!("{};", history::record(migration)));
    }
    add(sql, "COMMIT;");
}

/// Not beside a migrator.
fn alone() -> String {
    unless(
        &format!("pg_try_advisory_xact_lock({MIGRATION_LOCK})"),
        "another migration runs: wait for it",
    )
}

/// A script may lie about for a while, and be run twice.
fn unchanged(found: i32) -> String {
    unless(
        &format!("(SELECT coalesce(max(version), 0) FROM {HISTORY}) = {found}"),
        &format!("this script is for schema {found}: make a new one"),
    )
}

fn unless(condition: &str, message: &str) -> String {
    format!(
        "DO $$\nBEGIN\n    IF NOT {condition} THEN\n        RAISE EXCEPTION '{message}';\n    \
         END IF;\nEND $$;"
    )
}

fn add(sql: &mut String, part: &str) {
    sql.push_str(part);
    sql.push_str("\n\n");
}
