//! From text to values. Every error says what would be right; none repeats
//! the text, because the caller knows whether it may be shown.

pub(crate) mod dotenv;
pub(crate) mod duration;

use std::{
    net::Ipv6Addr,
    num::NonZeroU32,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// A value, or what would be right.
pub(crate) type Parsed<T> = Result<T, String>;

/// Any text, blanks and all.
pub(crate) fn text(text: &str) -> Parsed<String> {
    Ok(text.to_owned())
}

/// A whole number within `range`.
pub(crate) fn whole<T: TryFrom<u64>>(text: &str, range: RangeInclusive<u64>) -> Parsed<T> {
    let number = text.trim().parse().ok().filter(|number| range.contains(number));
    let number = number.and_then(|number| T::try_from(number).ok());
    number
        .ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
}

/// A whole number from 1 to `max`.
pub(crate) fn positive(text: &str, max: u32) -> Parsed<NonZeroU32> {
    let number: u32 = whole(text, 1..=max.into())?;
    Ok(NonZeroU32::new(number).expect("the range begins at one"))
}

/// The TCP port of someone else.
pub(crate) fn port(text: &str) -> Parsed<u16> {
    whole(text, 1..=65_535).map_err(|problem| explain_link(text, problem))
}

/// The TCP port that we listen on; zero for any.
pub(crate) fn own_port(text: &str) -> Parsed<u16> {
    whole(text, 0..=65_535).map_err(|problem| explain_link(text, problem))
}

/// A Service named `redis`, `db` or `server` makes Kubernetes set `REDIS_PORT`,
/// `DB_PORT` or `SERVER_PORT` to a URL in every pod of its namespace.
fn explain_link(text: &str, problem: String) -> String {
    let linked = text.trim().starts_with("tcp://");
    let hint = "; Kubernetes sets such a URL by itself: set the port yourself, or \
                enableServiceLinks: false in the pod";
    format!("{problem}{}", if linked { hint } else { "" })
}

/// The words of Go's `strconv.ParseBool` in any case, and yes and no.
pub(crate) fn switch(text: &str) -> Parsed<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" => Ok(true),
        "false" | "f" | "0" | "no" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// One of the given words, in any case.
pub(crate) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Parsed<T> {
    let text = text.trim();
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("must be one of {}", words.join(", "))
    })
}

/// A host name or address; an IPv6 address may stand in brackets.
pub(crate) fn host(text: &str) -> Parsed<String> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if bare.parse::<Ipv6Addr>().is_ok() || (!text.is_empty() && text.chars().all(plain)) {
        return Ok(bare.to_owned());
    }
    Err("must be a host name or address alone, without scheme, port or blanks".to_owned())
}

/// A text of bytes that an HTTP header can carry.
pub(crate) fn header_text(text: &str) -> Parsed<String> {
    if text.chars().all(|c| matches!(c, ' '..='~')) && text.trim() == text {
        return Ok(text.to_owned());
    }
    Err("has a character that no HTTP header can carry; is there a line break or a blank at \
         its end?"
        .to_owned())
}

/// A file that can be read now: better said at start than at the first send.
pub(crate) fn readable_file(text: &str) -> Parsed<PathBuf> {
    let path = Path::new(text);
    match std::fs::File::open(path).and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_file() => Ok(path.to_owned()),
        Ok(_) => Err("must be a file".to_owned()),
        Err(error) => Err(format!("must be a file that can be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_those_of_go_with_yes_and_no() {
        for yes in ["true", "True", "TRUE", "t", "T", "1", "yes", "YES", " true "] {
            assert_eq!(switch(yes), Ok(true), "{yes}");
        }
        for no in ["false", "False", "FALSE", "f", "F", "0", "no", "No"] {
            assert_eq!(switch(no), Ok(false), "{no}");
        }
        for neither in ["", "on", "off", "2", "y"] {
            assert!(switch(neither).is_err(), "{neither}");
        }
    }

    #[test]
    fn numbers_keep_to_their_range() {
        assert_eq!(whole::<u16>(" 16 ", 1..=1024), Ok(16));
        for wrong in ["", "0", "1025", "-1", "1.5", "ten", "99999999999999999999999"] {
            let problem = whole::<u16>(wrong, 1..=1024).unwrap_err();
            assert_eq!(problem, "must be a whole number from 1 to 1024", "{wrong}");
        }
    }

    #[test]
    fn hosts_come_without_scheme_and_port() {
        for right in ["localhost", "db.example.com", "10.0.0.7", "::1", "db_1"] {
            assert_eq!(host(right).as_deref(), Ok(right));
        }
        assert_eq!(host("[::1]").as_deref(), Ok("::1"));
        for wrong in ["", "db:5432", "redis://db", "u@db", "a b", "[::1]:80", "a/b", "[db]"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_from_a_kubernetes_service_link_is_explained() {
        for parse in [port, own_port] {
            assert!(parse("tcp://10.0.0.1:6379").unwrap_err().contains("enableServiceLinks"));
        }
        assert!(!port("0").unwrap_err().contains("Kubernetes"));
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
        assert_eq!(header_text("a b~!").as_deref(), Ok("a b~!"));
        for wrong in ["token\n", " token", "tökén", "a\u{7f}"] {
            assert!(header_text(wrong).is_err(), "{wrong:?}");
        }
    }
}
