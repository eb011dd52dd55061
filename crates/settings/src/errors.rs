//! What is wrong with the settings: all of it at once, and never a secret.

use crate::{found::Found, secret_file, variables::Variable};
use std::{fmt, path::Path};

/// Longer values are cut in messages.
const MAX_SHOWN: usize = 60;

/// One mistake: where it is, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    names: Vec<String>,
    place: String,
    problem: String,
}

impl SettingError {
    /// About the name alone, not its value.
    pub(crate) fn about(name: &str, origin: &str, problem: &str) -> Self {
        let place = format!("{name} ({origin})");
        Self { names: vec![name.to_owned()], place, problem: problem.to_owned() }
    }

    pub(crate) fn in_file(path: &Path, line: Option<usize>, problem: &str) -> Self {
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        let place = format!("{}{line}", path.display());
        Self { names: Vec::new(), place, problem: problem.to_owned() }
    }

    pub(crate) fn of(subjects: &[(Variable, Found)], problem: String) -> Self {
        let places: Vec<_> =
            subjects.iter().map(|(variable, found)| show(variable, found)).collect();
        let names = subjects.iter().map(|(variable, _)| variable.name.to_owned()).collect();
        Self { names, place: places.join(", "), problem }
    }

    /// The file that `name` names cannot be used.
    pub(crate) fn in_secret_file(name: &str, file: &Found, problem: String) -> Self {
        let path =
            if secret_file::is_path(&file.text) { quoted(&file.text) } else { String::new() };
        let place = format!("{name}{path} ({})", file.origin);
        Self { names: vec![name.to_owned()], place, problem }
    }

    /// `secret` and the variable of its file are set in the same place.
    pub(crate) fn both_ways(secret: Variable, Found { origin, .. }: &Found) -> Self {
        let names = [Some(secret.name), secret.file_name].into_iter().flatten();
        let names: Vec<_> = names.map(str::to_owned).collect();
        let problem = format!(
            "are both set, and only one can count; remove {} if the file is meant, or else the \
             other",
            secret.name
        );
        Self { place: format!("{} ({origin})", names.join(", ")), names, problem }
    }

    /// Names of the variables that it is about; none if a file is at fault.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        &self.names
    }

    /// What is wrong, and what would be right.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

fn show(variable: &Variable, Found { text, origin }: &Found) -> String {
    let name = variable.name;
    if text.is_empty() && variable.file_name != Some(origin.as_str()) {
        return format!("{name} (unset)");
    }
    // A URL in the wrong variable may carry a password too.
    if variable.secret || text.contains("://") || text.contains('@') {
        return format!("{name} ({origin})");
    }
    format!("{name}{} ({origin})", quoted(text))
}

/// `="text"`, not too long.
fn quoted(text: &str) -> String {
    let cut = if text.chars().count() > MAX_SHOWN { "…" } else { "" };
    let shown: String = text.chars().take(MAX_SHOWN).collect();
    format!("={shown:?}{cut}")
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for SettingError {}

/// All mistakes; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsErrors(Vec<SettingError>);

impl SettingsErrors {
    pub(crate) fn new(errors: Vec<SettingError>) -> Self {
        Self(errors)
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, SettingError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a SettingsErrors {
    type Item = &'a SettingError;
    type IntoIter = std::slice::Iter<'a, SettingError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A heading, then one line for each.
impl fmt::Display for SettingsErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "one setting is wrong:")?,
            count => write!(f, "{count} settings are wrong:")?,
        }
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for SettingsErrors {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::{DB_HOST, DB_PASSWORD};

    fn shown(variable: Variable, text: &str) -> String {
        show(&variable, &Found { text: text.to_owned(), origin: "environment".to_owned() })
    }

    #[test]
    fn a_value_is_shown_unless_it_may_be_secret() {
        assert_eq!(shown(DB_HOST, "a b"), r#"DB_HOST="a b" (environment)"#);
        assert_eq!(shown(DB_PASSWORD, "hush"), "DB_PASSWORD (environment)");
        assert_eq!(shown(DB_HOST, "postgres://u:hush@h"), "DB_HOST (environment)");
        assert_eq!(shown(DB_HOST, "u:hush@h"), "DB_HOST (environment)");
        assert_eq!(shown(DB_HOST, ""), "DB_HOST (unset)");
    }

    #[test]
    fn a_long_value_is_cut_and_control_characters_are_escaped() {
        let long = shown(DB_HOST, &"x".repeat(1000));
        assert!(long.len() < 100 && long.contains('…'), "{long}");
        assert_eq!(shown(DB_HOST, "a\nb"), r#"DB_HOST="a\nb" (environment)"#);
    }
}
