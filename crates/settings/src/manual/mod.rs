//! The manual: the commented defaults, and a page for the documentation made
//! of them.

mod page;

use crate::layers::DEFAULTS;

/// The file of the defaults, compiled in: every variable with its meaning,
/// unit, example and default.
#[must_use]
pub fn defaults() -> &'static str {
    DEFAULTS
}

/// `docs/configuration.md`: how settings work, and every variable.
#[must_use]
pub fn page() -> String {
    page::write(&sections())
}

/// A part of the manual.
pub(crate) struct Section {
    /// Such as `PostgreSQL`.
    pub(crate) title: &'static str,
    /// What it is about, in a few words; may be empty.
    pub(crate) about: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// One variable in it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its name in lower case.
    pub(crate) key: &'static str,
    /// Sentences, without the example.
    pub(crate) meaning: String,
    pub(crate) example: String,
    /// Empty: none.
    pub(crate) default: &'static str,
}

/// All parts, in order.
pub(crate) fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(heading) = line.strip_prefix("# ---- ") {
            let heading = heading.trim_end_matches([' ', '-']);
            let (title, about) = heading.split_once(": ").unwrap_or((heading, ""));
            sections.push(Section { title, about, entries: Vec::new() });
        } else if let Some(sentences) = line.strip_prefix("# ") {
            comment.push(sentences);
        } else {
            let entry = entry(line, &comment.join(" "));
            sections
                .last_mut()
                .into_iter()
                .zip(entry)
                .for_each(|(it, entry)| it.entries.push(entry));
            comment.clear();
        }
    }
    sections
}

/// Of `key = "default"` and what is said above.
fn entry(line: &'static str, comment: &str) -> Option<Entry> {
    let (key, default) = line.split_once(" = ")?;
    let default = default.strip_prefix('"')?.strip_suffix('"')?;
    let (meaning, example) = comment.split_once("Example: ")?;
    Some(Entry { key, meaning: meaning.trim().to_owned(), example: example.to_owned(), default })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{layers::embedded_defaults, variables::ALL};

    #[test]
    fn the_manual_is_read_whole_and_in_the_order_of_the_table() {
        let sections = sections();
        let entries: Vec<_> = sections.iter().flat_map(|section| &section.entries).collect();
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.to_owned()).collect();
        assert_eq!(keys, ALL.iter().map(|variable| variable.key()).collect::<Vec<_>>());
        for entry in entries {
            assert_eq!(embedded_defaults()[entry.key], entry.default);
            assert!(!entry.meaning.is_empty() && !entry.example.is_empty(), "{entry:?}");
        }
    }

    #[test]
    fn each_secret_is_called_one() {
        for entry in sections().iter().flat_map(|section| &section.entries) {
            let variable = ALL.iter().find(|variable| variable.key() == entry.key).unwrap();
            let called = entry.meaning.to_lowercase().contains("secret");
            assert_eq!(called, variable.secret, "{}", variable.name);
        }
    }
}
