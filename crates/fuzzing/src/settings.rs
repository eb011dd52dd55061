//! Settings: a `.env` file, durations, and all of them read together.

use dispatcher_settings::{Settings, Sources, fuzzing, parse_duration};
use std::{collections::BTreeMap, time::Duration};

/// Stands in every secret; nothing else has it.
const HUSH: &str = "hush-7f3a";

pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace(HUSH, "");
    let (entries, wrong_lines) = fuzzing::dotenv(&text);
    assert!(entries.len() + wrong_lines <= text.lines().count(), "a line says one thing");
    for (name, value) in &entries {
        if let Some(value) = value {
            written_and_back(name, value);
            duration(value);
        }
    }
    // Names of others change nothing, and reading all settings is slow.
    if fuzzing::variables().any(|(ours, _)| entries.iter().any(|(name, _)| name == ours)) {
        all_together(entries);
    }
}

/// What a file says for certain, it says in any way of writing it.
fn written_and_back(name: &str, value: &str) {
    let escaped = value.replace('\\', r"\\").replace('"', "\\\"");
    let escaped = escaped.replace('$', r"\$").replace('\n', r"\n").replace('\r', r"\r");
    let mut ways =
        vec![format!("{name}=\"{escaped}\""), format!("export {name} = \"{escaped}\" # x")];
    if !value.contains(['\'', '\r']) {
        ways.push(format!("{name}='{value}'"));
    }
    for way in ways {
        let expected = vec![(name.to_owned(), Some(value.to_owned()))];
        assert_eq!(fuzzing::dotenv(&way), (expected, 0), "{way:?}");
    }
}

fn duration(text: &str) {
    const MAX: Duration = Duration::from_secs(30 * 86_400);
    match parse_duration(text) {
        Ok(duration) => {
            assert!(duration <= MAX);
            assert_eq!(parse_duration(&fuzzing::show_duration(duration)), Ok(duration));
            // It ends with a unit, so more can be said after it.
            let longer = duration + Duration::from_nanos(1);
            let told = parse_duration(&format!("{}1ns", text.trim()));
            assert_eq!(told.ok(), (longer <= MAX).then_some(longer), "{text:?}");
        }
        Err(problem) => assert!(problem.starts_with("must ") || problem.starts_with("needs ")),
    }
}

/// Whatever is set: no panic, and no secret told.
fn all_together(entries: Vec<(String, Option<String>)>) {
    let entries = entries.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut env: BTreeMap<_, _> = entries.filter(|(name, _)| names_no_file(name)).collect();
    for (name, secret) in fuzzing::variables().filter(|(_, secret)| *secret) {
        if let Some(value) = env.get_mut(name).filter(|_| secret) {
            hide_in(name, value);
        }
    }
    let sources = Sources::of(env);
    let report = Settings::inspect(&sources);
    assert_silent(&format!("{report} {report:?}"));
    match report.verdict {
        Ok(()) => {
            let settings = Settings::load(sources).expect("as reported");
            assert_silent(&format!("{settings:?} {:?}", settings.notices()));
        }
        Err(errors) => assert_silent(&format!("{errors} {errors:?}")),
    }
}

/// In a URL at the place of the password, if there is one.
fn hide_in(name: &str, value: &mut String) {
    match value.find("://") {
        Some(at) if name.ends_with("_URL") => {
            let start = at + 3;
            let rest = value.split_off(start);
            *value = format!("{value}u:{HUSH}@{}", rest.rsplit('@').next().unwrap_or_default());
        }
        _ if name.ends_with("_URL") => {}
        _ => value.push_str(HUSH),
    }
}

/// Files are not what is looked at here, and some have no end.
fn names_no_file(name: &str) -> bool {
    !name.ends_with("_FILE") && name != "DB_SSLROOTCERT"
}

fn assert_silent(text: &str) {
    assert!(!text.contains(HUSH), "a secret is told: {text}");
}
