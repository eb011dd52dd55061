//! `docs/configuration.md`.

use super::{Entry, Section};
use crate::{settings::Settings, sources::Sources, variables::Variable};
use std::fmt::Write;

/// The text around the tables.
const FRAME: &str = include_str!("page.md");

/// A check whose outcome is shown.
const EXAMPLE: [(&str, &str); 6] = [
    (
        "DATABASE_URL",
        "postgres://dispatcher:pass%23word@db.example.com/messages?sslmode=verify-full",
    ),
    ("SMS_API_URL", "https://sms.example.com/send"),
    ("SMS_API_TOKEN", "9f8c2b7a"),
    ("PROCESSING_INTERVAL", "120"),
    ("LEASE", "6s"),
    ("BATCH_SIZES", "10"),
];

pub(super) fn write(sections: &[Section]) -> String {
    let sections: String = sections.iter().map(section).collect();
    let report = Settings::inspect(&Sources::of(EXAMPLE));
    let wrong = report.verdict.as_ref().map_or_else(ToString::to_string, |()| String::new());
    let check = format!("{report}\n{wrong}\n");
    let filled = FRAME.replace("{{sections}}\n", sections.trim_start());
    let given: String = EXAMPLE.iter().map(|(name, text)| format!("{name}={text}\n")).collect();
    filled.replace("{{given}}\n", &given).replace("{{check}}\n", &check)
}

fn section(Section { title, about, entries }: &Section) -> String {
    let about = if about.is_empty() { String::new() } else { format!("{}.\n\n", capital(about)) };
    let mut text = format!("\n### {title}\n\n{about}");
    text.push_str("| variable | default | kind | example | meaning |\n|---|---|---|---|---|\n");
    text.extend(entries.iter().map(row));
    text
}

fn row(entry: &Entry) -> String {
    let Entry { key, meaning, example, default } = entry;
    let variable = Variable::of_key(key);
    let mut name = code(variable.name);
    if let Some(file) = variable.file_name {
        // Writing to a text cannot fail.
        let _ = write!(name, "<br>or {}", code(file));
    }
    let default = if default.is_empty() { "–".to_owned() } else { code(default) };
    let kind = variable.kind.as_str();
    format!("| {name} | {default} | {kind} | {} | {} |\n", code(example), prose(meaning))
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// With every variable set as code.
fn prose(meaning: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let name = bare.split('=').next();
        let is_ours = Variable::names().any(|ours| Some(ours) == name);
        if is_ours { word.replacen(bare, &format!("`{bare}`"), 1) } else { word.to_owned() }
    };
    let words: Vec<_> = meaning.split(' ').map(word).collect();
    words.join(" ").replace('|', "\\|").replace('<', "&lt;")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}
