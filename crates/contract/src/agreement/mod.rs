//! Stores agree: the same operations, however they are mixed, have the same
//! answers and leave the same rows behind in every store.
//!
//! The suites say what a store must do, one sentence at a time. This finds what
//! no sentence speaks of: random operations on one store and on the memory
//! store, which is small enough to be read, and the two transcripts compared.

mod looks;
mod operation;
mod player;
mod words;

pub use operation::{Operation, operations};
pub use player::transcript;

use crate::message_store::Fixture;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::Runtime;

/// Plays so many random sequences on a fresh store of each kind; `seed` repeats
/// them.
///
/// # Panics
/// With the shortest sequence found after which the two differ, and where.
pub fn random_operations_agree<A: Fixture, B: Fixture>(
    sequences: u32,
    seed: [u8; 32],
    left: impl AsyncFn() -> A,
    right: impl AsyncFn() -> B,
) {
    let config = Config { cases: sequences, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let runtime = Runtime::new().expect("a runtime");
    let agree = TestRunner::new_with_rng(config, rng).run(&operations(LONGEST), |operations| {
        let (left, right) = runtime.block_on(async {
            let left = transcript(&left().await, &operations).await;
            (left, transcript(&right().await, &operations).await)
        });
        first_difference(&left, &right).map_or(Ok(()), |it| Err(TestCaseError::fail(it)))
    });
    agree.unwrap_or_else(|error| panic!("{error}"));
}

/// Most operations of a sequence.
const LONGEST: usize = 60;

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
