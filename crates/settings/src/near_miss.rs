//! Names that look like a misspelling of ours.
//!
//! The environment is shared with others, so an unknown name is no error. But
//! a misspelled one silently leaves the default in force; that deserves a line.

use crate::variables::Variable;

/// Short names are too close to too many others.
const MIN_LENGTH: usize = 7;
const MAX_EDITS: usize = 2;

/// The variable that `name` was probably meant to be.
///
/// Both must begin alike: `PROCESING_INTERVAL` is ours, `MY_BATCH_SIZE` is not.
/// In lower case our names stand in the manual, and nowhere else do they count.
pub(crate) fn closest(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    if upper != name && upper.contains('_') {
        return Variable::names().find(|ours| *ours == upper);
    }
    let alike = |ours: &&str| ours.len() >= MIN_LENGTH && name.get(..3) == ours.get(..3);
    let distances = Variable::names().filter(alike).map(|ours| (edits(name, ours), ours));
    let (distance, ours) = distances.min()?;
    (1..=MAX_EDITS).contains(&distance).then_some(ours)
}

/// Levenshtein's distance: insertions, deletions and replacements.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_names_are_recognized() {
        let pairs = [
            ("PROCESING_INTERVAL", "PROCESSING_INTERVAL"),
            ("BATCH_SIZES", "BATCH_SIZE"),
            ("BATCHSIZE", "BATCH_SIZE"),
            ("DB_PASSWROD", "DB_PASSWORD"),
            ("REDIS_PASWORD", "REDIS_PASSWORD"),
            ("DB_PASSWORDFILE", "DB_PASSWORD_FILE"),
            ("SMS_API_TOKEN_FIEL", "SMS_API_TOKEN_FILE"),
            ("db_host", "DB_HOST"),
            ("Batch_Size", "BATCH_SIZE"),
        ];
        for (wrong, right) in pairs {
            assert_eq!(closest(wrong), Some(right));
        }
    }

    #[test]
    fn names_of_others_are_left_alone() {
        for name in
            ["PATH", "HOME", "DB_PORT_5432_TCP", "REDIS_SERVICE_HOST", "SERVER_SOFTWARE", "lease"]
        {
            assert_eq!(closest(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_of_ours_is_no_misspelling_of_another() {
        for name in Variable::names() {
            assert_eq!(closest(name), None, "{name}");
        }
    }
}
