//! The report for people: aligned, in the order of the manual, without the
//! errors, which have their own text.

use super::{EffectiveSetting, Report};
use std::fmt;

const UNSET: &str = "-";

/// A longer value moves its source to the right instead of all others.
const WIDEST: usize = 36;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
        let values = self.entries.iter().map(|entry| value(entry).chars().count());
        let values = values.filter(|width| *width <= WIDEST).max().unwrap_or_default();
        f.write_str("* not the default   ! wrong   - unset\n")?;
        let mut section = "";
        for entry in &self.entries {
            if entry.section != section {
                section = entry.section;
                write!(f, "\n{section}\n")?;
            }
            let (mark, value, source) = (mark(entry), value(entry), source(entry));
            writeln!(f, "{mark} {:names$}  {value:values$}  {source}", entry.name)?;
        }
        if !self.notices.is_empty() {
            f.write_str("\nNotices\n")?;
        }
        for notice in &self.notices {
            writeln!(f, "  {}  {notice}", notice.level.as_str())?;
        }
        let good = "\nNothing is wrong with these settings.\n";
        f.write_str(if self.verdict.is_ok() { good } else { "" })
    }
}

fn mark(entry: &EffectiveSetting) -> char {
    match entry {
        EffectiveSetting { wrong: true, .. } => '!',
        EffectiveSetting { changed: true, .. } => '*',
        _ => ' ',
    }
}

fn value(entry: &EffectiveSetting) -> &str {
    entry.value.as_deref().unwrap_or(UNSET)
}

fn source(entry: &EffectiveSetting) -> String {
    let no_effect = if entry.has_effect { "" } else { ", no effect here" };
    format!("{}{no_effect}", entry.source)
}
