//! What the changelog says, as the page of a release wants it.
//!
//! That page keeps every line break, where a document flows on; and its relative links lead nowhere.

use super::version::Version;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const FENCE: &str = "```";

/// A section of the changelog for the page of its release.
pub(super) fn for_page(section: &str, version: &Version) -> String {
    absolute(&flowing(section), &format!("{REPOSITORY}/blob/v{version}/"))
}

/// Each paragraph and each item of a list on one line.
fn flowing(text: &str) -> String {
    let mut flowed = String::new();
    let (mut code, mut open) = (false, false);
    for line in text.lines() {
        let word = line.trim_start();
        code ^= word.starts_with(FENCE);
        let alone = word.is_empty() || code || is_block(word);
        let goes_on = open && !alone && !word.starts_with("- ");
        if goes_on {
            flowed.push(' ');
            flowed.push_str(word);
        } else {
            if !flowed.is_empty() {
                flowed.push('\n');
            }
            flowed.push_str(line);
        }
        open = !alone;
    }
    flowed
}

/// A heading, a row of a table, or the edge of code; no word that happens to begin like one.
fn is_block(line: &str) -> bool {
    line.starts_with(FENCE)
        || line.starts_with('|')
        || line.trim_start_matches('#').starts_with(' ')
}

/// Links between documents lead to the documents of that version.
fn absolute(text: &str, base: &str) -> String {
    let mut parts = text.split("](");
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let link = part.split(')').next().unwrap_or_default();
        let relative = !link.contains(':') && !link.starts_with('#');
        changed.push_str("](");
        changed.push_str(if relative { base } else { "" });
        changed.push_str(part);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_paragraphs_are_one_line_each() {
        let text =
            "Some words\nand more.\n\n### Added\n- `a`,\n  `b`,\n  c.\n  - Below\n    it.\n- d\n";
        let flowed = "Some words and more.\n\n### Added\n- `a`, `b`, c.\n  - Below it.\n- d";
        assert_eq!(flowing(text), flowed);
    }

    #[test]
    fn code_and_tables_stay_as_they_are() {
        let text = "Type\nthis:\n```sh\na\n  b\n```\nand\nread:\n\n| a |\n|---|\n| b |";
        let flowed = "Type this:\n```sh\na\n  b\n```\nand read:\n\n| a |\n|---|\n| b |";
        assert_eq!(flowing(text), flowed);
    }

    #[test]
    fn links_between_documents_lead_to_those_of_the_version() {
        let version = Version::parse("1.2.3").unwrap();
        let page = for_page("[a](docs/a.md#b), [c](https://c.example), [d](#d).", &version);
        let base = "https://github.com/message-dispatcher/message-dispatcher/blob/v1.2.3/";
        assert_eq!(page, format!("[a]({base}docs/a.md#b), [c](https://c.example), [d](#d)."));
    }
}
