//! Secrets in files, as Docker and Kubernetes mount them: `DB_PASSWORD_FILE`
//! names a file with what `DB_PASSWORD` would say.
//!
//! No error repeats any of the content.

use crate::parse::Parsed;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

/// No secret is longer. Whoever names a larger file means another one.
const MAX_BYTES: u64 = 64 * 1024;

/// The secret in the file at `path`, without the line break at its end.
pub(crate) fn read(path: &str) -> Parsed<String> {
    let bytes = bytes(Path::new(path)).map_err(|error| problem_of(path, &error))??;
    let text = String::from_utf8(bytes).map_err(|_| "must hold UTF-8 text".to_owned())?;
    let text = text.strip_suffix("\r\n").or(text.strip_suffix('\n')).unwrap_or(&text);
    let wrong = if text.is_empty() {
        "is empty; write the secret into it"
    } else if text.starts_with('\u{feff}') {
        "begins with a byte order mark, which would count as part of the secret; save it as UTF-8 \
         without one"
    } else if text.contains(['\n', '\r', '\0']) {
        "must hold one line: the secret and nothing else"
    } else {
        return Ok(text.to_owned());
    };
    Err(wrong.to_owned())
}

/// Whether `text` was surely meant for a path: where it is not, it may be the
/// secret itself, and must not be shown.
pub(crate) fn is_path(text: &str) -> bool {
    let looks_like_one = ["/", "./", "../", ".\\", "..\\"].iter().any(|it| text.starts_with(it))
        || text.get(1..3) == Some(":\\");
    let harmless = !text.contains("://") && !text.contains('@');
    harmless && (looks_like_one || Path::new(text).exists())
}

/// Looks before it opens: to open a pipe would wait for its writer.
fn bytes(path: &Path) -> io::Result<Parsed<Vec<u8>>> {
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Ok(Err("is a directory; name the file in it".to_owned()));
    }
    if !found.is_file() {
        return Ok(Err("must be a file, and not a pipe or device".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_BYTES) {
        return Ok(Ok(bytes));
    }
    Ok(Err(format!("is larger than {} KiB; is it the right file?", MAX_BYTES / 1024)))
}

fn problem_of(path: &str, error: &io::Error) -> String {
    if is_path(path) {
        return format!("cannot be read: {error}");
    }
    "must be the path of a file that can be read, such as /run/secrets/name; the value is not \
     shown, because it may be the secret itself"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: impl AsRef<[u8]>) -> Parsed<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        read(file.path().to_str().unwrap())
    }

    #[test]
    fn one_line_break_at_the_end_goes_and_nothing_else() {
        for text in ["hush", "hush\n", "hush\r\n"] {
            assert_eq!(content(text).as_deref(), Ok("hush"), "{text:?}");
        }
        for text in [" hush ", "0123", "'quoted'", "p$$w#", "pässwörd", "\t"] {
            assert_eq!(content(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_secret_is_told_without_its_content() {
        let too_large = vec![b'x'; 64 * 1024 + 1];
        let table: [(&[u8], &str); 9] = [
            (b"", "is empty"),
            (b"\n", "is empty"),
            (b"\r\n", "is empty"),
            (b"hush\n\n", "must hold one line"),
            (b"hush\nmore", "must hold one line"),
            (b"hush\r", "must hold one line"),
            (b"hush\xff", "must hold UTF-8 text"),
            (b"\xef\xbb\xbfhush", "begins with a byte order mark"),
            (&too_large, "is larger than 64 KiB"),
        ];
        for (bytes, told) in table {
            let problem = content(bytes).unwrap_err();
            assert!(problem.starts_with(told) && !problem.contains("hush"), "{problem}");
        }
        assert_eq!(content(&too_large[1..]).map(|text| text.len()), Ok(64 * 1024));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        assert!(read(&path(directory.path())).unwrap_err().starts_with("is a directory"));
        let nowhere = path(&directory.path().join("nowhere"));
        assert!(read(&nowhere).unwrap_err().starts_with("cannot be read: "));
        assert!(read("nowhere").unwrap_err().contains("may be the secret itself"));
    }

    #[test]
    fn only_what_was_surely_meant_for_a_path_may_be_shown() {
        for path in ["/run/secrets/db", "./db", "../db", "C:\\db", ".\\db", "Cargo.toml"] {
            assert!(is_path(path), "{path}");
        }
        for other in ["hush", "postgres://u:hush@db", "/hush@db", "", "h/ush"] {
            assert!(!is_path(other), "{other}");
        }
    }
}
