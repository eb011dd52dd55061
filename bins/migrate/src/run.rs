//! From settings to an exit code.

use crate::cli::{Action, Cli};
use dispatcher_postgres::{
    PgConfig,
    migrations::{
        self, Adoption, MigrateError, MigrateOptions, MigrationState, MigrationStatus, Preflight,
        Report,
    },
};
use dispatcher_settings::{NoticeLevel, Settings, Sources};
use dispatcher_wiring::{exit, pg_config, telemetry};

/// The database needs somebody to look at it.
const FAILED: u8 = 1;

/// Does what the command line says; gives the exit code.
pub async fn run(cli: Cli, sources: Sources) -> u8 {
    let settings = match Settings::load(sources) {
        Ok(settings) => settings,
        Err(errors) => {
            eprintln!("{errors}");
            return exit::USAGE;
        }
    };
    telemetry::init(&settings.log);
    log_notices(&settings);
    let Some(database) = settings.database.postgres() else {
        eprintln!("error: DATABASE_URL names a SQLite file, which this program cannot migrate yet");
        return exit::USAGE;
    };
    let config = pg_config(database);
    let legacy_timezone = settings.legacy.timezone.clone();
    let options = MigrateOptions { wait: cli.wait(), legacy_timezone };
    let result = match cli.action() {
        Action::Up => {
            migrations::migrate_with(&config, &options).await.map(print_report).map(|()| 0)
        }
        Action::Status => status(&config, &options).await,
    };
    match result {
        Ok(code) => code,
        Err(error) => explain(&config, error),
    }
}

fn log_notices(settings: &Settings) {
    for notice in settings.notices() {
        match notice.level {
            NoticeLevel::Info => tracing::debug!("{notice}"),
            NoticeLevel::Warn => tracing::warn!("{notice}"),
        }
    }
}

fn print_report(report: Report) {
    let Report { applied, version, adopted } = report;
    print_applied(&applied);
    if let Some(adoption) = adopted {
        print_adoption(&adoption);
    }
    match applied.len() {
        0 => println!("nothing to do: the schema is at version {version}"),
        _ => println!("the schema is at version {version}"),
    }
}

fn print_adoption(adoption: &Adoption) {
    let Adoption { queued, sent, rejected, locked_for, first_send_at } = adoption;
    println!(
        "took over the table messages with {} rows: {queued} queued, {sent} sent, \
         {rejected} rejected (sent was NULL); it was locked for {:.1} s",
        adoption.rows(),
        locked_for.as_secs_f64()
    );
    if let Some(at) = first_send_at {
        println!("no send starts before {at:.0}, so that the last batch of the Go service can end");
    }
}

fn print_applied(applied: &[String]) {
    for migration in applied {
        println!("applied {migration}");
    }
}

async fn status(config: &PgConfig, options: &MigrateOptions) -> Result<u8, MigrateError> {
    print_status(migrations::status(config, options.wait).await?);
    let Some(found) = migrations::inspect(config, options).await? else { return Ok(0) };
    print_preflight(&found);
    Ok(if found.problems.is_empty() { 0 } else { FAILED })
}

/// What a first run would meet.
fn print_preflight(found: &Preflight) {
    if let Some(table) = found.table {
        println!(
            "a table messages of {} rows and {} MB would be taken over: the disk needs about {} MB \
             more, and as much for the write-ahead log",
            table.rows,
            table.bytes / MEGABYTE,
            table.bytes_needed() / MEGABYTE
        );
    }
    for warning in &found.warnings {
        println!("warning: {warning}");
    }
    for problem in &found.problems {
        println!("in the way: {problem}");
    }
}

const MEGABYTE: u64 = 1_000_000;

fn print_status(migrations: Vec<MigrationStatus>) {
    for MigrationStatus { name, state, .. } in &migrations {
        match state {
            MigrationState::Applied => println!("applied  {name}"),
            MigrationState::Pending => println!("pending  {name}"),
            MigrationState::Unknown => println!("unknown  {name} (a newer version made it)"),
        }
    }
    let pending = migrations.iter().filter(|one| one.state == MigrationState::Pending).count();
    println!("{pending} pending");
}

/// Says what happened, where, and why, down to the first cause.
fn explain(config: &PgConfig, error: MigrateError) -> u8 {
    print_applied(&error.applied());
    let code = exit_code(&error);
    let PgConfig { host, port, name, user, .. } = config;
    let error = anyhow::Error::new(error);
    eprintln!("error: database {name} at {host}:{port}, user {user}: {error:#}");
    code
}

fn exit_code(error: &MigrateError) -> u8 {
    match error {
        MigrateError::Config(_) => exit::USAGE,
        MigrateError::Database(_)
        | MigrateError::NoAnswer { .. }
        | MigrateError::Locked { .. }
        | MigrateError::InUse { .. } => exit::UNAVAILABLE,
        MigrateError::Refused { .. }
        | MigrateError::Undone { .. }
        | MigrateError::Unreadable
        | MigrateError::Newer { .. }
        | MigrateError::Failed { .. } => FAILED,
    }
}
