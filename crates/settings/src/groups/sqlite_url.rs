//! `sqlite:///path`, taken apart and put together.

use super::connection_url::decoded;
use crate::parse::Parsed;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::path::{Path, PathBuf};

const SCHEME: &str = "sqlite:";

/// What can be written.
pub(super) const RIGHT: &str =
    "sqlite:///var/lib/dispatcher/messages.db, or sqlite:messages.db in the working directory";

/// What would not come back as it was.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"');

/// The text after `sqlite:`, if it begins with that in any case.
pub(super) fn rest(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(rest)
}

/// The file of `sqlite:///absolute/path` or `sqlite:relative/path`.
pub(super) fn path(rest: &str) -> Parsed<PathBuf> {
    if rest.contains(['?', '#']) {
        return Err(format!(
            "has a ? or #, and SQLite takes no parameters: write {RIGHT}; in a name they are \
             %3F and %23"
        ));
    }
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(path) if path.starts_with('/') => path,
        Some(_) => {
            return Err(format!("has two slashes, after which a host would stand: write {RIGHT}"));
        }
    };
    let path = decoded(path)?;
    if path.trim_matches('/').is_empty() || path.contains('\0') {
        return Err(format!("must name a file: write {RIGHT}"));
    }
    if path.starts_with("~/") || path.starts_with("/~/") {
        return Err(format!(
            "begins with ~, and no shell replaces that within a URL: write the whole path, such as \
             {RIGHT}"
        ));
    }
    if path == ":memory:" {
        return Err(format!("must name a file, or messages would end with the process: {RIGHT}"));
    }
    Ok(PathBuf::from(if cfg!(windows) { without_slash_of_drive(&path) } else { &path }))
}

/// `/C:/data` is `C:/data` where drives have letters.
fn without_slash_of_drive(path: &str) -> &str {
    match path.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => &path[1..],
        _ => path,
    }
}

/// The `DATABASE_URL` of a file on this machine; `None` if its path is not
/// UTF-8.
#[must_use]
pub fn sqlite_url(path: &Path) -> Option<String> {
    let path = path.to_str()?;
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let encoded = utf8_percent_encode(&path, RESERVED).to_string();
    let slashes = match (Path::new(&path).is_absolute(), path.starts_with('/')) {
        (true, true) => "//",
        (true, false) => "///",
        (false, _) => "",
    };
    Some(format!("{SCHEME}{slashes}{encoded}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Parsed<PathBuf> {
        path(rest(url).expect("a SQLite URL"))
    }

    #[test]
    fn absolute_and_relative_files() {
        for (url, expected) in [
            ("sqlite:///var/lib/my%20queue.db", "/var/lib/my queue.db"),
            ("SQLite:/var/lib/queue.db", "/var/lib/queue.db"),
            ("sqlite:queue.db", "queue.db"),
            ("sqlite:./data/%C3%BC.db", "./data/ü.db"),
        ] {
            assert_eq!(parse(url), Ok(PathBuf::from(expected)), "{url}");
        }
    }

    #[test]
    fn what_names_no_file_is_refused_with_what_would() {
        for wrong in [
            "sqlite:",
            "sqlite://",
            "sqlite:///",
            "sqlite://queue.db",
            "sqlite::memory:",
            "sqlite:///queue.db?mode=ro",
            "sqlite:///a%00b",
            "sqlite:///queue.db#1",
            "sqlite:~/queue.db",
            "sqlite:///~/queue.db",
        ] {
            let problem = parse(wrong).unwrap_err();
            assert!(problem.contains("sqlite:///var/lib/"), "{wrong}: {problem}");
        }
        assert!(parse("sqlite:///%ff").is_err());
    }

    #[test]
    fn a_path_becomes_a_url_and_comes_back() {
        for path in ["/tmp/a b/100%?#\"ü.db", "relative.db", "./x/y.db"] {
            let url = sqlite_url(Path::new(path)).unwrap();
            assert_eq!(parse(&url), Ok(PathBuf::from(path)), "{url}");
        }
    }

    #[test]
    fn a_drive_has_no_slash_before_it() {
        for (path, expected) in [
            ("/C:/data/queue.db", "C:/data/queue.db"),
            ("C:/data/queue.db", "C:/data/queue.db"),
            ("/data/queue.db", "/data/queue.db"),
            ("//server/share/queue.db", "//server/share/queue.db"),
            ("/1:/queue.db", "/1:/queue.db"),
        ] {
            assert_eq!(without_slash_of_drive(path), expected);
        }
    }

    #[test]
    fn other_databases_are_not_ours() {
        assert_eq!((rest("postgres://db"), rest("sqlit"), rest("")), (None, None, None));
    }
}
