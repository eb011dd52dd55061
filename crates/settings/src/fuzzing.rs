//! What takes settings apart, for the fuzz targets.

use crate::{
    groups::connection_url::{self, DatabaseUrl},
    parse::{dotenv, duration},
    variables::ALL,
};
use std::time::Duration;

/// The variables of a `.env` file; `None` for the value of one that is in
/// doubt. And how many lines are wrong.
#[must_use]
pub fn dotenv(text: &str) -> (Vec<(String, Option<String>)>, usize) {
    let file = dotenv::parse(text);
    let certain = |entry: dotenv::Entry| {
        let value = entry.doubt.is_none().then_some(entry.value);
        (entry.name, value)
    };
    (file.entries.into_iter().map(certain).collect(), file.problems.len())
}

/// The shortest text of a duration.
#[must_use]
pub fn show_duration(duration: Duration) -> String {
    duration::show(duration)
}

/// What a `DATABASE_URL` says of each variable; a file stands under
/// `DATABASE_URL`.
///
/// # Errors
/// What would be right.
pub fn database_url(text: &str) -> Result<Vec<(&'static str, String)>, String> {
    Ok(match connection_url::database(text)? {
        DatabaseUrl::Postgres(parts) => {
            parts.into_iter().map(|(variable, text)| (variable.name, text)).collect()
        }
        DatabaseUrl::Sqlite(path) => {
            vec![("DATABASE_URL", path.to_str().expect("made of text").to_owned())]
        }
    })
}

/// What a `REDIS_URL` says of each variable, and its user.
///
/// # Errors
/// What would be right.
#[expect(clippy::type_complexity, reason = "one use")]
pub fn redis_url(text: &str) -> Result<(Vec<(&'static str, String)>, Option<String>), String> {
    let url = connection_url::redis(text)?;
    let parts = url.parts.into_iter().map(|(variable, text)| (variable.name, text));
    Ok((parts.collect(), url.user))
}

/// The names of all variables, and whether each is a secret.
pub fn variables() -> impl Iterator<Item = (&'static str, bool)> {
    ALL.iter().map(|variable| (variable.name, variable.secret))
}
