//! As much of Markdown as links need.

use std::collections::BTreeMap;

/// A document without its code.
pub(crate) struct Page {
    lines: Vec<String>,
}

impl Page {
    pub(crate) fn of(text: impl AsRef<str>) -> Self {
        let mut lines = Vec::new();
        let mut in_code = false;
        for line in text.as_ref().lines() {
            let fence = line.trim_start().starts_with("```");
            in_code ^= fence;
            if !fence && !in_code {
                lines.push(without_code(line));
            }
        }
        Self { lines }
    }

    /// What stands in parentheses after brackets, and after a reference's colon.
    pub(crate) fn links(&self) -> Vec<String> {
        // A link may begin on one line and go on in the next.
        let text = self.lines.join(" ");
        let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let mut links: Vec<String> =
            inline.map(|(link, _)| link.split(' ').next().unwrap_or_default().to_owned()).collect();
        links.extend(self.lines.iter().filter_map(|line| reference(line)));
        links
    }

    /// The anchors that GitHub makes of headings: lower case, blanks become hyphens, most other signs go; a second
    /// heading of the same words gets `-1`.
    pub(crate) fn anchors(&self) -> impl Iterator<Item = String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        self.lines.iter().filter_map(|line| heading(line)).map(move |heading| {
            let anchor = anchor(heading);
            let count = seen.entry(anchor.clone()).or_default();
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        })
    }
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len() && text.starts_with(' ')).then(|| text.trim())
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

/// `[name]: target`, at the start of a line.
fn reference(line: &str) -> Option<String> {
    let (name, target) = line.strip_prefix('[')?.split_once("]: ")?;
    (!name.contains(']')).then(|| target.split(' ').next().unwrap_or_default().to_owned())
}

/// What stands between backticks is no link; in a heading its words count all the same, so only brackets and
/// parentheses go.
fn without_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    parts
        .map(|(place, part)| match place % 2 {
            1 => part.replace(['[', ']', '(', ')'], ""),
            _ => part.to_owned(),
        })
        .collect()
}

#[test]
fn links_are_found_and_code_is_not() {
    let page = Page::of(
        "[a](one.md) and [b](two.md#x \"title\"), `[c](no.md)`\n```\n[d](no.md)\n```\n[e]: three.md\n",
    );
    assert_eq!(page.links(), ["one.md", "two.md#x", "three.md"]);
}

#[test]
fn a_link_may_go_on_in_the_next_line() {
    assert_eq!(Page::of("see [some\nwords](there.md)").links(), ["there.md"]);
}

#[test]
fn headings_have_the_anchors_that_github_gives_them() {
    let page = Page::of("# One `GET /x`: it's\ntext\n## Two words\n## Two words\n#no heading\n");
    let anchors: Vec<_> = page.anchors().collect();
    assert_eq!(anchors, ["one-get-x-its", "two-words", "two-words-1"]);
}
