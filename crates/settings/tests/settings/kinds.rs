//! The kinds of values that the page names are those that the code takes.

use crate::sources;
use dispatcher_settings::{Settings, manual};

/// A wrong value of a kind, and what is said about it.
const WRONG: &[(&str, &str, &str)] = &[
    ("whole number", "none", "must be a whole number from "),
    ("duration", "120", "needs a unit: 120s or 2m"),
    ("true or false", "maybe", "must be true or false"),
    ("word", "no-such-word", "must be o"),
    ("host", "a b", "must be a host name or address alone"),
    ("host, or hosts", "db,a b", "must be a host name or address alone"),
    ("whole number, or numbers", "5432,none", "must be a whole number from "),
    ("URL", "no-such-url", "must "),
    ("path of a PEM file", "no/such/file.pem", "must be a file that can be read"),
    ("messages per second", "none", "must be messages per second"),
    ("HTTP statuses", "none", "must be HTTP statuses from 400 to 599"),
];

/// Variable and kind, from the page.
fn kinds() -> Vec<(String, String)> {
    let page = manual::page();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split(" | ").map(str::to_owned).collect::<Vec<_>>());
    let name = |cell: &str| cell.split('`').nth(1).unwrap().to_owned();
    cells.map(|cells| (name(&cells[0]), cells[2].clone())).collect()
}

#[test]
fn every_variable_refuses_what_is_not_of_its_kind() {
    let kinds = kinds();
    assert!(kinds.len() > 50, "{kinds:?}");
    for (variable, kind) in kinds {
        let Some((_, wrong, told)) = WRONG.iter().find(|(name, ..)| *name == kind) else {
            assert_eq!(kind, "text", "{variable}");
            continue;
        };
        let errors = Settings::load(sources(&[(&variable, wrong)])).expect_err(&variable);
        let about = errors.iter().find(|error| error.variables() == [variable.as_str()]);
        let problem = about.expect(&variable).problem();
        assert!(problem.starts_with(told), "{variable}, {kind}: {problem}");
    }
}
