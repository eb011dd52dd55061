//! `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3).

use jiff::Timestamp;
use std::time::{Duration, SystemTime};

/// 136 years: far enough for everybody, and safe to add to any time of day.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// How long `text` asks to wait. A date is read against `date`, the answer's
/// own `Date`, because the two come from one clock; without it against `now`.
/// A date that has passed is no wait; what is neither form is no request.
pub(crate) fn parse(text: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // Only too many digits are left to fail.
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let from = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    let from = from.unwrap_or_else(|| SystemTime::from(now));
    Some(until.duration_since(from).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const LATER: &str = "Sun, 06 Nov 1994 08:51:07 GMT";

    fn seconds(text: &str, date: Option<&str>) -> Option<u64> {
        let now: Timestamp = "1994-11-06T08:51:00Z".parse().unwrap();
        parse(text, date, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(seconds("120", None), Some(120));
        assert_eq!(seconds(" 0 ", None), Some(0));
    }

    #[test]
    fn a_date_is_read_against_the_date_of_the_answer() {
        assert_eq!(seconds(LATER, Some(DATE)), Some(90));
    }

    #[test]
    fn without_a_valid_date_our_own_clock_counts() {
        assert_eq!(seconds(LATER, None), Some(7));
        assert_eq!(seconds(LATER, Some("yesterday")), Some(7));
    }

    #[test]
    fn the_two_old_forms_of_a_date_are_read_too() {
        assert_eq!(seconds("Sunday, 06-Nov-94 08:51:07 GMT", Some(DATE)), Some(90));
        assert_eq!(seconds("Sun Nov  6 08:51:07 1994", Some(DATE)), Some(90));
    }

    #[test]
    fn a_date_that_has_passed_is_no_wait() {
        assert_eq!(seconds(DATE, Some(LATER)), Some(0));
    }

    #[test]
    fn garbage_and_negative_numbers_ask_for_nothing() {
        for text in ["", "soon", "-5", "+5", "1.5", "12s", "0x10", "٣", "Sun, 99 Nov 1994"] {
            assert_eq!(seconds(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_wait_beyond_all_measure_is_cut() {
        let most = Some(u64::from(u32::MAX));
        assert_eq!(seconds("99999999999999999999999999999999", None), most);
        assert_eq!(seconds("18446744073709551615", None), most);
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT", None), most);
    }
}
