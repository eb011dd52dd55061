//! Durations as Go writes them: `90s`, `1h30m`, `1.5h`, `2m0.5s`.
//!
//! Own code, because it must take exactly what the Go service took: jiff's
//! friendly format also takes `2 minutes` and refuses `1.5h30m`.

use super::Parsed;
use std::time::Duration;

/// The longest of all durations in settings: sums of a few of them, and of
/// them and today's date, must not overflow anywhere.
const MAX: Duration = Duration::from_secs(30 * 86_400);

const WANTED: &str =
    "must be a duration such as 90s, 2m, 1h30m or 500ms (units: ns, us, ms, s, m, h)";

/// Zero to 30 days.
pub(crate) fn parse(text: &str) -> Parsed<Duration> {
    let text = text.trim();
    if is_bare_number(text) {
        return Err(format!("needs a unit: {}", with_unit(text)));
    }
    if text.starts_with('-') {
        return Err(format!("must not be negative; {WANTED}"));
    }
    let nanos = nanos(text.strip_prefix('+').unwrap_or(text)).ok_or(WANTED)?;
    if nanos > MAX.as_nanos() {
        return Err("must be at most 720h (30 days)".to_owned());
    }
    let nanos = u64::try_from(nanos).expect("30 days are less than u64::MAX nanoseconds");
    Ok(Duration::from_nanos(nanos))
}

/// More than zero, to 30 days.
pub(crate) fn parse_positive(text: &str) -> Parsed<Duration> {
    match parse(text)? {
        Duration::ZERO => Err("must be longer than 0s".to_owned()),
        duration => Ok(duration),
    }
}

/// The shortest text for `duration` with one unit, for messages.
pub(crate) fn show(duration: Duration) -> String {
    let units = [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000)];
    let units = units.into_iter().chain([("ms", 1_000_000), ("us", 1_000), ("ns", 1)]);
    let nanos = duration.as_nanos();
    let fitting = units.filter(|(_, unit)| nanos > 0 && nanos.is_multiple_of(*unit));
    fitting.map(|(name, unit)| format!("{}{name}", nanos / unit)).next().unwrap_or("0s".to_owned())
}

fn is_bare_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The Go service took its default for a bare number; most meant seconds.
fn with_unit(number: &str) -> String {
    match number.parse::<u64>() {
        Ok(seconds) if seconds > 0 && seconds.is_multiple_of(60) => {
            format!("{number}s or {}m", seconds / 60)
        }
        _ => format!("{number}s"),
    }
}

fn nanos(mut rest: &str) -> Option<u128> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut total: u128 = 0;
    loop {
        let (number, after) = rest.split_at(rest.find(|c| !is_number(c))?);
        let (unit, after) = after.split_at(after.find(is_number).unwrap_or(after.len()));
        total = total.saturating_add(scaled(number, unit_nanos(unit)?)?);
        if after.is_empty() {
            return Some(total);
        }
        rest = after;
    }
}

fn unit_nanos(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        // U+00B5 and U+03BC, as in Go.
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// `number` units, cut to whole nanoseconds. More digits of a fraction than
/// fifteen are less than a nanosecond even of an hour.
fn scaled(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(15)];
    let parts_of_one = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let rest = digits(fraction)?.saturating_mul(unit) / parts_of_one;
    Some(digits(whole)?.saturating_mul(unit).saturating_add(rest))
}

fn digits(text: &str) -> Option<u128> {
    text.chars().try_fold(0_u128, |number, c| {
        let digit = c.to_digit(10)?;
        Some(number.saturating_mul(10).saturating_add(digit.into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_go_takes_is_taken() {
        let table: [(&str, u128); 22] = [
            ("90s", 90_000_000_000),
            ("2m", 120_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("500ms", 500_000_000),
            ("1.5h", 5_400_000_000_000),
            ("0s", 0),
            ("1h0m0s", 3_600_000_000_000),
            ("1.5s", 1_500_000_000),
            ("2m0.5s", 120_500_000_000),
            ("1.5h30m", 7_200_000_000_000),
            ("30m1h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("+5s", 5_000_000_000),
            ("250us", 250_000),
            ("250µs", 250_000),
            ("250μs", 250_000),
            ("7ns", 7),
            ("0.3333333333333333333h", 1_199_999_999_999),
            (" 6s ", 6_000_000_000),
            ("007s", 7_000_000_000),
            ("720h", 2_592_000_000_000_000),
        ];
        for (text, nanos) in table {
            assert_eq!(parse(text).map(|duration| duration.as_nanos()), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_told_to_take_a_unit() {
        let table = [("120", "120s or 2m"), ("90", "90s"), ("0", "0s"), ("1.5", "1.5s")];
        for (text, hint) in table {
            assert_eq!(parse(text), Err(format!("needs a unit: {hint}")));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in ["", "s", "1d", "2 minutes", "1h 30m", "1h30", "1,5s", "1.2.3s", ".s", "é"] {
            assert_eq!(parse(wrong), Err(WANTED.to_owned()), "{wrong}");
        }
        assert!(parse("-5s").unwrap_err().starts_with("must not be negative"));
    }

    #[test]
    fn thirty_days_are_the_end() {
        for long in ["721h", "720h1ns", "99999999999999999999999999999999999999999999h"] {
            assert_eq!(parse(long), Err("must be at most 720h (30 days)".to_owned()), "{long}");
        }
    }

    #[test]
    fn shown_durations_read_back() {
        for text in ["0s", "7s", "2m", "36h", "1500ms", "61s", "250us", "7ns"] {
            assert_eq!(show(parse(text).unwrap()), text);
        }
    }
}
