//! `config`: tells about settings and starts nothing.

use crate::{Failure, cli::ConfigCommand};
use dispatcher_settings::{EffectiveSetting, Notice, Report, Settings, Sources, manual};
use serde_json::{Value, json};
use std::io::Write;

pub(crate) fn run(command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check { json } => check(*json),
        ConfigCommand::Defaults => {
            print(manual::defaults());
            Ok(())
        }
    }
}

/// What is wrong is in the JSON, so that a script finds it in one place; for
/// people it goes to standard error alone, where they see it in any case.
fn check(as_json: bool) -> Result<(), Failure> {
    let report = Settings::inspect(&Sources::of_this_process());
    if as_json {
        print(&format!("{:#}\n", object(&report)));
    } else {
        print(&report.to_string());
    }
    report.verdict.map_err(Failure::usage)
}

/// Nobody may be reading: the exit code counts all the same.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn object(report: &Report) -> Value {
    let problems = report.verdict.as_ref().err().into_iter().flatten();
    let problems = problems
        .map(|problem| json!({ "variables": problem.variables(), "text": problem.to_string() }));
    json!({
        "good": report.verdict.is_ok(),
        "settings": report.entries.iter().map(setting).collect::<Vec<_>>(),
        "notices": report.notices.iter().map(notice).collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn setting(entry: &EffectiveSetting) -> Value {
    // Taken apart, so that a new field cannot be forgotten here.
    let EffectiveSetting { name, section, value, secret, source, changed, wrong, has_effect } =
        entry;
    json!({
        "name": name,
        "section": section,
        "value": value,
        "secret": secret,
        "source": source,
        "changed": changed,
        "wrong": wrong,
        "has_effect": has_effect,
    })
}

fn notice(Notice { level, text }: &Notice) -> Value {
    json!({ "level": level.as_str(), "text": text })
}
