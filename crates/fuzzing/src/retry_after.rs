//! `Retry-After`: its text on the first line, the answer's `Date` on the second.

use crate::line_and_rest;
use dispatcher_http_gateway::fuzzing::wait_asked_for;
use jiff::Timestamp;
use std::time::{Duration, SystemTime};

const LONGEST: u64 = u32::MAX as u64;

pub(crate) fn run(bytes: &[u8]) {
    let (text, date) = line_and_rest(bytes);
    let (text, date) = (String::from_utf8_lossy(text), String::from_utf8_lossy(date));
    let wait = wait_asked_for(&text, Some(&date), now());
    assert!(wait.is_none_or(|wait| wait.as_secs() <= LONGEST));
    let text = text.trim();
    match httpdate::parse_http_date(text) {
        Ok(until) => assert_eq!(wait, Some(between(&date, until)), "{text:?} at {date:?}"),
        Err(_) if is_number(text) => {
            let digits = text.trim_start_matches('0');
            let number = if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok() };
            let expected = number.map_or(LONGEST, |seconds| seconds.min(LONGEST));
            assert_eq!(wait, Some(Duration::from_secs(expected)), "{text:?}");
        }
        Err(_) => assert_eq!(wait, None, "{text:?}"),
    }
    date_and_back(bytes);
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

/// A number is not a date: the two forms cannot be mistaken for each other.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn between(date: &str, until: SystemTime) -> Duration {
    let from = httpdate::parse_http_date(date.trim()).unwrap_or_else(|_| now().into());
    let wait = until.duration_since(from).unwrap_or_default();
    wait.min(Duration::from_secs(LONGEST))
}

/// So many seconds after a date are so many seconds, wherever that date lies.
fn date_and_back(bytes: &[u8]) {
    let Some((from, rest)) = bytes.split_first_chunk::<4>() else { return };
    let Some((wait, _)) = rest.split_first_chunk::<4>() else { return };
    let (from, wait) = (u32::from_le_bytes(*from), u32::from_le_bytes(*wait));
    let wait = Duration::from_secs(wait.into());
    let from = SystemTime::UNIX_EPOCH + Duration::from_secs(from.into());
    let (date, until) = (httpdate::fmt_http_date(from), httpdate::fmt_http_date(from + wait));
    assert_eq!(wait_asked_for(&until, Some(&date), now()), Some(wait), "{date} {until}");
}
