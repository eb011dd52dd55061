//! Stores agree: the same operations, however they are mixed, have the same
//! answers and leave the same rows behind in every store.
//!
//! The suites say what a store must do, one sentence at a time. This finds what
//! no sentence speaks of: random operations on one store and on the memory
//! store, which is small enough to be read, and the two transcripts compared.

mod operation;
mod player;

pub use operation::{Operation, operations};
pub use player::transcript;

/// The first line in which two transcripts differ, with what came before it.
#[must_use]
pub fn first_difference(left: &[String], right: &[String]) -> Option<String> {
    let differs = |(left, right): (&String, &String)| left != right;
    let length = left.len().max(right.len());
    let at = left.iter().zip(right).position(differs);
    let at = at.or_else(|| (left.len() != right.len()).then(|| left.len().min(right.len())))?;
    let before = left[at.saturating_sub(BEFORE)..at].join("\n  ");
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(the end)".to_owned());
    Some(format!("line {at} of {length}:\n  {before}\n< {}\n> {}", line(left), line(right)))
}

/// So many lines before a difference are shown.
const BEFORE: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found() {
        let lines = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        assert_eq!(first_difference(&lines("abc"), &lines("abc")), None);
        assert!(first_difference(&lines("abc"), &lines("abd")).unwrap().ends_with("< c\n> d"));
        assert!(
            first_difference(&lines("ab"), &lines("abd")).unwrap().ends_with("< (the end)\n> d")
        );
    }
}
