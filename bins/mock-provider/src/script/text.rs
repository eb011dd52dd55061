//! Quotes: where a value's commas are its own.

use std::borrow::Cow;

/// A quote that was opened and never closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed;

/// The parts of `text` between the separators that stand outside quotes. There is always at least one.
pub(super) fn split(text: &str, separator: char) -> Result<Vec<&str>, Unclosed> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, separator)? {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len_utf8()..];
    }
    parts.push(rest);
    Ok(parts)
}

/// Where `wanted` stands first outside quotes. A quote opens only as the first character of a value, so that an
/// apostrophe inside a word is only an apostrophe.
pub(super) fn find(text: &str, wanted: char) -> Result<Option<usize>, Unclosed> {
    let mut open: Option<char> = None;
    let (mut value_begins, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match open {
            Some('"') if c == '\\' && !escaped => escaped = true,
            Some(quote) => {
                if c == quote && !escaped {
                    open = None;
                }
                escaped = false;
            }
            None if value_begins && matches!(c, '"' | '\'') => open = Some(c),
            None if c == wanted => return Ok(Some(at)),
            None => {}
        }
        value_begins = c == '=' || (value_begins && c.is_whitespace());
    }
    if open.is_some() { Err(Unclosed) } else { Ok(None) }
}

/// A value without its quotes. The error is a sentence.
pub(super) fn unquote(value: &str) -> Result<String, String> {
    let value = value.trim();
    match value.chars().next() {
        Some('\'') => inside(value, '\'').map(str::to_owned),
        Some('"') => unescape(inside(value, '"')?),
        _ => Ok(value.to_owned()),
    }
}

fn inside(value: &str, quote: char) -> Result<&str, String> {
    value
        .strip_prefix(quote)
        .and_then(|rest| rest.strip_suffix(quote))
        .filter(|inside| quote == '"' || !inside.contains(quote))
        .ok_or_else(|| format!("nothing may follow the closing quote in {value}"))
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some(c @ ('"' | '\\')) => c,
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                _ => return Err(r#"a backslash is followed by one of " \ n r t"#.to_owned()),
            },
            '"' => return Err("nothing may follow the closing quote".to_owned()),
            c => c,
        });
    }
    Ok(plain)
}

/// A value as [`unquote`] reads it back, with quotes only where they are needed.
pub(super) fn quote(value: &str) -> Cow<'_, str> {
    let special = |c: char| c.is_control() || matches!(c, ',' | ';' | '*' | ']' | '"' | '\'' | '=');
    if !value.is_empty() && value.trim() == value && !value.contains(special) {
        return Cow::Borrowed(value);
    }
    let mut quoted = String::from('"');
    for c in value.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn separators_inside_quotes_separate_nothing() {
        assert_eq!(
            split(r#"a='x,y', b="p\",q" ,c"#, ',').unwrap(),
            ["a='x,y'", r#" b="p\",q" "#, "c"]
        );
    }

    #[test]
    fn an_apostrophe_inside_a_word_opens_no_quote() {
        assert_eq!(split("a=it's,b", ',').unwrap(), ["a=it's", "b"]);
    }

    #[test]
    fn an_open_quote_is_noticed() {
        assert_eq!(split("a='x,b", ','), Err(Unclosed));
        assert_eq!(split(r#"a="x\",b"#, ','), Err(Unclosed));
    }

    #[test]
    fn text_after_the_closing_quote_and_unknown_escapes_are_refused() {
        for wrong in ["'a'b'", r#""a"b""#, r#""a\q""#, "'a' b", "\"a\" b", "'", "\""] {
            assert!(unquote(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_value_survives_being_quoted_and_split(value in any::<String>()) {
            let quoted = format!("v={}", quote(&value));
            let script = format!("{quoted},next");
            let parts = split(&script, ',').map_err(|_| TestCaseError::fail("unclosed"))?;
            prop_assert_eq!(&parts, &[quoted.as_str(), "next"]);
            prop_assert_eq!(unquote(&parts[0][2..]).map_err(TestCaseError::fail)?, value);
        }
    }
}
