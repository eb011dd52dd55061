//! Durations as people write them: `250ms`, `2s`, `1m30s`. A bare number is refused, because nobody agrees on its unit.

use std::time::Duration;

use jiff::SignedDuration;

/// Reads `250ms`, `2s`, `1m30s` or `0s`. The error is a sentence for the person who wrote it.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|signed| Duration::try_from(signed).ok())
        .ok_or_else(|| {
            format!(
                "{text:?} is not a duration: write a number with its unit, as in 250ms, 2s or 1m30s"
            )
        })
}

/// The shortest text that [`parse`] reads as `duration`.
pub(crate) fn text(duration: Duration) -> String {
    let signed = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{signed:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_units_are_read() {
        for (text, millis) in [("250ms", 250), ("2s", 2000), (" 1m30s ", 90_000), ("0s", 0)] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn a_bare_number_a_negative_one_and_nonsense_are_refused_with_an_example() {
        for text in ["5", "0", "-2s", "soon", "", "2 parsecs"] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("250ms"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in [0, 1, 250, 1500, 90_000, 3_600_001] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse(&text(duration)), Ok(duration), "{}", text(duration));
        }
    }
}
