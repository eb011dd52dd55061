//! From settings to an exit code.

use crate::{
    answer::{Answer, Failure, Kind, Status, Told},
    cli::{Action, Cli},
    completions,
    database::Database,
    json, output, text,
};
use dispatcher_settings::{NoticeLevel, Settings, SettingsErrors, Sources};
use dispatcher_wiring::telemetry;

/// Does what the command line says; gives the exit code.
pub async fn run(cli: Cli, sources: Sources) -> u8 {
    if let Action::Completions { shell } = cli.action() {
        output::print(&completions::script(shell));
        return 0;
    }
    let answer = match Settings::load_to_migrate(sources) {
        Ok(settings) => {
            telemetry::init(&settings.log);
            log_notices(&settings);
            let database = Database::of(&settings, cli.limits());
            let (told, failure) = act(cli.action(), &database).await;
            Answer { command: cli.action().word(), place: Some(database.place()), told, failure }
        }
        Err(errors) => wrong_settings(cli.action(), &errors),
    };
    if cli.wants_json() {
        output::print(&json::of(&answer));
    } else {
        text::print(&answer);
    }
    answer.exit_code()
}

fn log_notices(settings: &Settings) {
    for notice in settings.notices() {
        match notice.level {
            NoticeLevel::Info => tracing::debug!("{notice}"),
            NoticeLevel::Warn => tracing::warn!("{notice}"),
        }
    }
}

fn wrong_settings(action: Action, errors: &SettingsErrors) -> Answer {
    let in_the_way = errors.iter().map(ToString::to_string).collect();
    let failure = Failure { in_the_way, ..Failure::new(Kind::Settings, errors.to_string()) };
    let command = action.word();
    Answer { command, place: None, told: Told::Nothing, failure: Some(failure) }
}

async fn act(action: Action, database: &Database) -> (Told, Option<Failure>) {
    let done = match action {
        Action::Up => match database.up().await {
            Ok(up) => Ok((Told::Up(up), None)),
            Err((up, failure)) => Ok((Told::Up(up), Some(failure))),
        },
        Action::Status => database.status().await.map(|status| {
            let failure = would_be_refused(&status);
            (Told::Status(status), failure)
        }),
        Action::Verify => database.status().await.map(|status| {
            let failure = is_another(&status);
            (Told::Verify(status), failure)
        }),
        Action::Plan => database.plan().await.map(|plan| (Told::Plan(plan), None)),
        Action::Completions { .. } => Ok((Told::Nothing, None)),
    };
    done.unwrap_or_else(|failure| (Told::Nothing, Some(failure)))
}

/// Whether `up` would refuse this database.
fn would_be_refused(status: &Status) -> Option<Failure> {
    if let Err(conflict) = status.schema.check() {
        return Some(Failure::from(&conflict));
    }
    let in_the_way = &status.first_run.as_ref()?.in_the_way;
    (!in_the_way.is_empty()).then(|| Failure {
        in_the_way: in_the_way.clone(),
        ..Failure::new(Kind::InTheWay, "something in the database is in the way: see above")
    })
}

/// Whether this database is any other than the one that this program makes.
fn is_another(status: &Status) -> Option<Failure> {
    if let Err(conflict) = status.schema.check() {
        return Some(Failure::from(&conflict));
    }
    let pending: Vec<_> = status.schema.pending().map(|one| one.to_string()).collect();
    let message = match pending.len() {
        0 => return None,
        _ if !status.exists => "there is no file: run message-dispatcher-migrate, which makes it",
        _ => "migrations are pending: run message-dispatcher-migrate",
    };
    Some(Failure { in_the_way: pending, ..Failure::new(Kind::Pending, message) })
}
