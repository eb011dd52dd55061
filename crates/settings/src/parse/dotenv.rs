//! The `.env` file: lines of `NAME=value`.
//!
//! Own code, because the usual crate replaces `$NAME` by variables of the
//! process (settings would depend on more than their sources), turns the
//! password `p$$w` into `p` without a word, and shows the whole line in an error.
//!
//! - `# comment`, empty lines and a leading `export ` are skipped.
//! - A plain value ends at ` #` or at the end of its line; blanks around it go.
//! - `'…'` is taken as it stands, `"…"` knows `\n \r \\ \" \$`; both may span lines.
//! - A later line wins over an earlier one.
//! - Nothing is replaced. Where other readers of such files would replace
//!   something, the value is in doubt, and single quotes dispel it.

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dotenv {
    pub(crate) entries: Vec<Entry>,
    /// Line number and what is wrong with that line.
    pub(crate) problems: Vec<(usize, &'static str)>,
}

/// One variable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) value: String,
    /// Why other programs would read another value; an error if it is ours.
    pub(crate) doubt: Option<&'static str>,
}

struct Value {
    text: String,
    doubt: Option<&'static str>,
}

const NO_ASSIGNMENT: &str = "must be NAME=value, a comment or empty";
const UNCLOSED: &str = "opens a quote that is never closed";
const AFTER_QUOTE: &str = "has text after the closing quote";
const DOLLAR: &str = "has a $ that other programs replace by a variable; put the value in \
                      single quotes to keep it, or write it out";
const ESCAPE: &str = "has a \\ that other programs may drop; put the value in single quotes \
                      to keep it";

/// Reads the whole file, past any problem.
pub(crate) fn parse(text: &str) -> Dotenv {
    let mut file = Dotenv::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines());
    while let Some((line, content)) = lines.next() {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match assignment(content, &mut lines) {
            Ok((name, Value { text: value, doubt })) => {
                file.entries.push(Entry { line, name, value, doubt });
            }
            Err(problem) => file.problems.push((line, problem)),
        }
    }
    file
}

fn assignment<'a>(
    content: &str,
    more: &mut (impl Iterator<Item = (usize, &'a str)> + Clone),
) -> Result<(String, Value), &'static str> {
    let (name, value) = content.split_once('=').ok_or(NO_ASSIGNMENT)?;
    let name = name.trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(NO_ASSIGNMENT);
    }
    let value = match value.trim_start().chars().next() {
        Some(quote @ ('\'' | '"')) => quoted(&value.trim_start()[1..], quote, more)?,
        _ => plain(value),
    };
    Ok((name.to_owned(), value))
}

fn plain(value: &str) -> Value {
    let comment = value.match_indices('#').map(|(at, _)| at);
    let comment = comment.into_iter().find(|at| value[..*at].ends_with([' ', '\t']));
    let text = value[..comment.unwrap_or(value.len())].trim().to_owned();
    let doubt = (is_replaced(&text) || text.contains("\\$")).then_some(DOLLAR);
    Value { text, doubt }
}

/// `start` is what follows the opening quote. Lines are taken from `more` only
/// if the quote is closed well: one forgotten quote must not hide the mistakes
/// in the rest of the file.
fn quoted<'a>(
    start: &str,
    quote: char,
    more: &mut (impl Iterator<Item = (usize, &'a str)> + Clone),
) -> Result<Value, &'static str> {
    let mut ahead = more.clone();
    let mut body = start.to_owned();
    let end = loop {
        if let Some(end) = closing(&body, quote) {
            break end;
        }
        let (_, line) = ahead.next().ok_or(UNCLOSED)?;
        body.push('\n');
        body.push_str(line);
    };
    let after = body[end + 1..].trim_start();
    if !after.is_empty() && !after.starts_with('#') {
        return Err(AFTER_QUOTE);
    }
    *more = ahead;
    body.truncate(end);
    Ok(if quote == '"' { unescaped(&body) } else { Value { text: body, doubt: None } })
}

fn closing(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = quote == '"' && c == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unescaped(body: &str) -> Value {
    let mut text = String::new();
    let mut doubt = None;
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        if c == '$' && begins_name(rest.as_str()) {
            doubt = Some(DOLLAR);
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some(c @ ('\\' | '"' | '$')) => text.push(c),
            other => {
                doubt = Some(ESCAPE);
                text.push('\\');
                text.extend(other);
            }
        }
    }
    Value { text, doubt }
}

/// Whether a `$` in `text` begins what other readers of such files replace.
fn is_replaced(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| begins_name(&text[at + 1..]))
}

fn begins_name(after_dollar: &str) -> bool {
    after_dollar.starts_with(|c| matches!(c, '{' | '_' | 'A'..='Z' | '0'..='9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let file = parse(text);
        assert_eq!(file.problems, [], "{text}");
        file.entries.into_iter().map(|entry| entry.value).collect()
    }

    fn doubt(text: &str) -> Option<&'static str> {
        parse(text).entries.remove(0).doubt
    }

    #[test]
    fn values_come_as_they_are_meant() {
        let table = [
            ("A=b", "b"),
            ("export A=b", "b"),
            ("  A = b c  ", "b c"),
            ("A=b # comment", "b"),
            ("A=b#c", "b#c"),
            ("A=#b", "#b"),
            ("A= # comment", ""),
            ("A=", ""),
            ("A=b=c", "b=c"),
            ("A='b # c' # d", "b # c"),
            ("A=' b '", " b "),
            (r"A='b\n${C}'", r"b\n${C}"),
            (r#"A="b\n\"\$C\\""#, "b\n\"$C\\"),
            ("A=pa\"ss", "pa\"ss"),
            ("A=p$$w", "p$$w"),
            (r"A=back\slash", r"back\slash"),
            ("A='b\n\nc'", "b\n\nc"),
            ("\u{feff}A=b\r\n", "b"),
        ];
        for (text, value) in table {
            assert_eq!(values(text), [value], "{text}");
            assert_eq!(doubt(text), None, "{text}");
        }
        assert_eq!(values("# A=b\n\n"), [""; 0]);
    }

    #[test]
    fn a_value_that_others_read_differently_is_in_doubt() {
        for text in ["A=a${B}", "A=a$B", "A=a$1", r"A=\$b", "A=\"$B\"", "A=\"${B}\""] {
            assert_eq!(doubt(text), Some(DOLLAR), "{text}");
        }
        assert_eq!(doubt(r#"A="a\sb""#), Some(ESCAPE));
    }

    #[test]
    fn every_malformed_line_is_found_with_its_number() {
        let file = parse("A=1\nhush\n\nB='2\nC=3\n=4\nD='5' 6\nE F=7\nG=8");
        assert_eq!(
            file.problems,
            [
                (2, NO_ASSIGNMENT),
                (4, AFTER_QUOTE),
                (6, NO_ASSIGNMENT),
                (7, AFTER_QUOTE),
                (8, NO_ASSIGNMENT)
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_does_not_swallow_the_rest() {
        let file = parse("A=\"1\nB=2\nhush");
        assert_eq!(file.problems, [(1, UNCLOSED), (3, NO_ASSIGNMENT)]);
        assert_eq!((file.entries.len(), file.entries[0].line), (1, 2));
    }

    #[test]
    fn a_value_of_many_lines_keeps_the_count() {
        let file = parse("A='1\n2\n3'\nB=4");
        assert_eq!(file.entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 4]);
    }
}
