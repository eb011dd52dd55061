//! docs/troubleshooting.md, made of the same rows.

use crate::row::{Row, Then};
use std::fmt::Write;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/troubleshooting.md");

const BEGINNING: &str = "\
<!-- Made of the rows in bins/server/tests/starting, which the tests try with the real program. -->

# Troubleshooting a start

What can go wrong when `message-dispatcher-server` starts, what it says on standard error, and what to do. `…` stands for
anything.

The exit code tells the kind: 64, the command line or a setting is wrong, and a restart does not help; 69, something that
the service needs is not there or refuses, and a restart helps once that is mended; 70, a fault of the program itself,
which is worth a report. Where the program runs on, it goes on by itself once the cause is gone.

No message is lost or sent twice by any of this. No password, token, phone number or text is in what the program says.
";

/// One chapter: what it is about, and its rows.
pub(crate) type Chapter = (&'static str, &'static [Row]);

/// With `UPDATE_SNAPSHOTS=1` in the environment, writes the page anew.
pub(crate) fn check(chapters: &[Chapter]) {
    let page = page(chapters);
    if update_snapshots() {
        std::fs::write(PAGE, &page).expect("docs/ can be written");
    }
    let there = std::fs::read_to_string(PAGE).expect("docs/troubleshooting.md");
    let how = "run these tests with UPDATE_SNAPSHOTS=1, and look at the difference";
    assert!(there == page, "docs/troubleshooting.md is not what the rows say: {how}");
}

fn page(chapters: &[Chapter]) -> String {
    let mut page = BEGINNING.to_owned();
    for (title, rows) in chapters {
        let told = rows.iter().filter(|row| !row.mend.is_empty());
        let head = "| what is wrong | what it says | it | what to do |\n|---|---|---|---|\n";
        write!(page, "\n## {title}\n\n{head}").expect("room");
        told.for_each(|row| write_line(&mut page, row));
    }
    page
}

fn write_line(page: &mut String, row: &Row) {
    let Row { what, says, mend, then, .. } = row;
    let says: Vec<_> = says.iter().map(|text| code(text)).collect();
    let says = says.join("<br>");
    let does = match then {
        Then::Ends(code) => format!("ends: {code}"),
        Then::Runs(_) => "runs on".to_owned(),
    };
    writeln!(page, "| {what} | {says} | {does} | {mend} |").expect("room");
}

/// As code in a table, whatever is in it.
fn code(text: &str) -> String {
    let text = text.trim_matches('…').trim().replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

#[expect(clippy::disallowed_methods, reason = "how to test is no setting of the product")]
fn update_snapshots() -> bool {
    std::env::var("UPDATE_SNAPSHOTS").is_ok_and(|value| value == "1")
}
