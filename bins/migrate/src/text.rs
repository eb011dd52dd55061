//! Answers for people.

use crate::{
    answer::{Adopted, Answer, FirstRun, Kind, Plan, Status, Told, Up},
    output,
};
use dispatcher_schema::MigrationState;
use std::fmt::Write;

const MEGABYTE: u64 = 1_000_000;

/// What was done to standard output, what went wrong to standard error.
pub(crate) fn print(answer: &Answer) {
    let mut text = String::new();
    // A text in memory takes all.
    let _ = match &answer.told {
        Told::Nothing => Ok(()),
        Told::Up(up) => write_up(&mut text, up),
        Told::Status(status) => write_status(&mut text, status),
        Told::Plan(plan) => write_plan(&mut text, plan),
        Told::Verify(status) => write_verify(&mut text, status, answer.failure.is_none()),
    };
    output::print(&text);
    if let Told::Plan(plan) = &answer.told {
        remark(&plan.status);
    }
    if let Some(failure) = &answer.failure {
        let place = answer.place.as_ref().map(|place| format!("error: {place}: "));
        eprintln!("{}{}", place.unwrap_or_default(), failure.message);
        // Its heading says how many; the others list theirs in the message.
        if failure.kind == Kind::Pending {
            failure.in_the_way.iter().for_each(|one| eprintln!("  - {one}"));
        }
    }
}

fn write_up(text: &mut String, up: &Up) -> std::fmt::Result {
    for migration in &up.applied {
        writeln!(text, "applied {migration}")?;
    }
    if let Some(adopted) = &up.adopted {
        write_adopted(text, adopted)?;
    }
    match up.version {
        None => Ok(()),
        Some(version) if up.applied.is_empty() => {
            writeln!(text, "nothing to do: the schema is at version {version}")
        }
        Some(version) => writeln!(text, "the schema is at version {version}"),
    }
}

fn write_adopted(text: &mut String, adopted: &Adopted) -> std::fmt::Result {
    let Adopted { rows, queued, sent, rejected, locked_for, first_send_at } = adopted;
    writeln!(
        text,
        "took over the table messages with {rows} rows: {queued} queued, {sent} sent, \
         {rejected} rejected (sent was NULL); it was locked for {:.1} s",
        locked_for.as_secs_f64()
    )?;
    match first_send_at {
        Some(at) => writeln!(
            text,
            "no send starts before {at:.0}, so that the last batch of the Go service can end"
        ),
        None => Ok(()),
    }
}

fn write_status(text: &mut String, status: &Status) -> std::fmt::Result {
    write_migrations(text, status)?;
    writeln!(text, "{} pending", status.schema.pending().count())?;
    if !status.exists {
        writeln!(text, "there is no file yet: message-dispatcher-migrate makes it")?;
    }
    match &status.first_run {
        Some(first_run) => write_first_run(text, first_run),
        None => Ok(()),
    }
}

fn write_verify(text: &mut String, status: &Status, is_right: bool) -> std::fmt::Result {
    write_migrations(text, status)?;
    if is_right {
        writeln!(text, "the schema is at version {}, as it should be", status.schema.found())?;
    }
    Ok(())
}

fn write_migrations(text: &mut String, status: &Status) -> std::fmt::Result {
    for migration in status.schema.migrations() {
        writeln!(text, "{:<8} {}", word(migration.state), migration.name)?;
    }
    Ok(())
}

/// In text and JSON.
pub(crate) fn word(state: MigrationState) -> &'static str {
    match state {
        MigrationState::Applied => "applied",
        MigrationState::Pending => "pending",
        MigrationState::Altered => "altered",
        MigrationState::Missing => "missing",
        MigrationState::Unknown => "unknown",
    }
}

fn write_first_run(text: &mut String, first_run: &FirstRun) -> std::fmt::Result {
    if let Some(table) = &first_run.table {
        writeln!(
            text,
            "a table messages of {} rows and {} MB would be taken over: the disk needs about {} MB \
             more, and as much for the write-ahead log",
            table.rows,
            table.bytes / MEGABYTE,
            table.bytes_needed / MEGABYTE
        )?;
    }
    for warning in &first_run.warnings {
        writeln!(text, "warning: {warning}")?;
    }
    for problem in &first_run.in_the_way {
        writeln!(text, "in the way: {problem}")?;
    }
    Ok(())
}

fn write_plan(text: &mut String, plan: &Plan) -> std::fmt::Result {
    match &plan.sql {
        Some(sql) => text.write_str(sql),
        None => {
            let version = plan.status.schema.found();
            writeln!(text, "-- Nothing to do: the schema is at version {version}.")
        }
    }
}

/// Beside the script.
fn remark(status: &Status) {
    if !status.exists {
        eprintln!("there is no file yet: message-dispatcher-migrate makes it, for its owner only");
    }
    let warnings = status.first_run.iter().flat_map(|first_run| &first_run.warnings);
    warnings.for_each(|warning| eprintln!("warning: {warning}"));
}
