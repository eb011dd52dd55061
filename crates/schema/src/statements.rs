//! A script, taken apart into its statements: the one that fails is to be named.

/// One statement of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The line of the script on which it begins, from 1.
    pub line: usize,
    /// Its text, without the semicolon and without what stands before it.
    pub sql: &'a str,
}

/// The statements of `script`, for PostgreSQL and SQLite alike.
///
/// Knows quotes, dollar quotes, comments, and the bodies of SQLite's triggers:
/// from `BEGIN`, or `CASE`, within a statement to its `END`. Does not know
/// backslashes in quotes, or comments in comments.
#[must_use]
pub fn statements(script: &str) -> Vec<Statement<'_>> {
    let mut found = vec![];
    let (mut at, mut start, mut depth) = (0, None, 0_usize);
    while at < script.len() {
        let (token, length) = token(&script[at..]);
        match token {
            Token::Blank => {}
            Token::End if depth == 0 => {
                found.extend(start.take().map(|start| statement(script, start, at)));
            }
            Token::Opens if start.is_some() => depth += 1,
            Token::Closes => depth = depth.saturating_sub(1),
            Token::Opens | Token::End | Token::Other => {}
        }
        if !matches!(token, Token::Blank | Token::End) {
            start.get_or_insert(at);
        }
        at += length;
    }
    found.extend(start.map(|start| statement(script, start, at)));
    found
}

fn statement(script: &str, start: usize, end: usize) -> Statement<'_> {
    let line = script[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
    Statement { line, sql: script[start..end].trim_end() }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// White space or a comment.
    Blank,
    /// A semicolon.
    End,
    /// `BEGIN` or `CASE`.
    Opens,
    /// `END`.
    Closes,
    Other,
}

/// The token that `rest`, which is not empty, begins with, and its length.
fn token(rest: &str) -> (Token, usize) {
    let quoted = |quote: &str| (Token::Other, up_to(rest, quote.len(), quote));
    match rest.as_bytes()[0] {
        b';' => (Token::End, 1),
        b'-' if rest.starts_with("--") => (Token::Blank, up_to(rest, 2, "\n")),
        b'/' if rest.starts_with("/*") => (Token::Blank, up_to(rest, 2, "*/")),
        b'\'' => quoted("'"),
        b'"' => quoted("\""),
        b'`' => quoted("`"),
        b'$' => dollar_quote(rest).map_or((Token::Other, 1), quoted),
        byte if byte.is_ascii_whitespace() => (Token::Blank, 1),
        _ => word_or_sign(rest),
    }
}

/// To the end of `mark`, which is looked for from `from` on.
fn up_to(rest: &str, from: usize, mark: &str) -> usize {
    rest[from..].find(mark).map_or(rest.len(), |at| from + at + mark.len())
}

/// Such as `$$` or `$body$`.
fn dollar_quote(rest: &str) -> Option<&str> {
    let tag = rest[1..].find('$')?;
    let quote = &rest[..tag + 2];
    let is_tag = quote[1..=tag].bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    is_tag.then_some(quote)
}

fn word_or_sign(rest: &str) -> (Token, usize) {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    if length == 0 {
        return (Token::Other, rest.chars().next().map_or(1, char::len_utf8));
    }
    let token = match rest[..length].to_ascii_uppercase().as_str() {
        "BEGIN" | "CASE" => Token::Opens,
        "END" => Token::Closes,
        _ => Token::Other,
    };
    (token, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<&str> {
        statements(script).into_iter().map(|statement| statement.sql).collect()
    }

    #[test]
    fn each_statement_has_its_line_and_no_more_than_its_text() {
        let script = "-- First; a table.\nCREATE TABLE a (\n  b int -- of it;\n);\n\n/* and ; */\n  DROP TABLE a ;";
        let lines: Vec<_> = statements(script).iter().map(|one| (one.line, one.sql)).collect();
        assert_eq!(lines, [(2, "CREATE TABLE a (\n  b int -- of it;\n)"), (7, "DROP TABLE a")]);
    }

    #[test]
    fn a_semicolon_in_quotes_ends_nothing() {
        for one in [
            "SELECT 'a;b'",
            "SELECT 'it''s;'",
            "SELECT \"a;b\"",
            "DO $$ BEGIN x; END $$",
            "DO $body$ 'a $$ ; $body$",
            "SELECT 'ü;', $1",
        ] {
            assert_eq!(texts(&format!("{one};\nSELECT 2")), [one, "SELECT 2"]);
        }
    }

    #[test]
    fn the_body_of_a_trigger_is_part_of_it() {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  SELECT CASE WHEN 1 THEN 2 END; \
                       UPDATE a SET weekend = 1;\nEND";
        assert_eq!(texts(&format!("{trigger};\nSELECT 2;")), [trigger, "SELECT 2"]);
    }

    #[test]
    fn a_transaction_is_several_statements() {
        assert_eq!(texts("BEGIN; SELECT 1; COMMIT;"), ["BEGIN", "SELECT 1", "COMMIT"]);
        assert_eq!(
            texts("BEGIN; SELECT 1; END; SELECT 2"),
            ["BEGIN", "SELECT 1", "END", "SELECT 2"]
        );
    }

    #[test]
    fn nothing_and_comments_are_no_statement() {
        for empty in ["", " \n", "-- only", ";;", "/* open"] {
            assert!(texts(empty).is_empty(), "{empty}");
        }
    }
}
